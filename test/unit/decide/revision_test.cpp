// Which revision runs, which are good or bad, and which one to go back to.
#include "decide/revision.hpp"

#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
using api::Choice;
using api::Mark;
namespace reason = decide::reason;

// ---- the current one ----

struct CurrentRow {
  const char* name;
  World world;
  const char* uid;  // "" for none: the view is behind
};
class Current : public testing::TestWithParam<CurrentRow> {};

TEST_P(Current, Revision) {
  const auto* found = decide::current(GetParam().world);
  EXPECT_EQ(found ? found->set.meta.uid : "", GetParam().uid);
}

INSTANTIATE_TEST_SUITE_P(
    Of, Current,
    testing::Values(
        CurrentRow{"the_highest_number_with_the_targets_template", World().revision(1).revision(2), "rs-2"},
        CurrentRow{"by_number_not_by_text", World().revision(9).revision(10).revision(11), "rs-11"},
        CurrentRow{"an_old_one_shipped_again", World().revision(1).revision(2).shipped_again(1), "rs-1"},
        CurrentRow{"none_without_target", World().revision(1).change([](auto& world) { world.target.reset(); }), ""},
        CurrentRow{"none_without_revisions", World(), ""},
        CurrentRow{"none_until_the_generation_was_seen",
                   World().revision(1).change([](auto& world) { world.target->meta.generation = 2; }), ""},
        CurrentRow{"none_until_its_number_is_the_highest",
                   World().revision(1).revision(2).change([](auto& world) { world.target->pod_template = release("v1"); }), ""},
        CurrentRow{"none_until_its_replica_set_is_seen",
                   World().revision(1).change([](auto& world) { world.target->pod_template = release("v2"); }), ""}),
    [](const auto& info) { return info.param.name; });

// ---- marks ----

struct MarkRow {
  const char* name;
  World world;
  const char* mark;  // of revision 2's release: "Good", "Bad" or ""
};
class MarkOf : public testing::TestWithParam<MarkRow> {};

TEST_P(MarkOf, Revision2) {
  const auto all = decide::marks(GetParam().world);
  const auto found = all.find(fingerprint("v2"));
  EXPECT_EQ(found == all.end() ? "" : std::string(api::to_text(found->second.mark)), GetParam().mark);
}

World three() { return World().revision(1).revision(2).revision(3); }
World two_good() { return World().revision(1).revision(3).revision(2).good(); }
World two_bad() { return World().revision(1).revision(3).revision(2).bad(); }
RunFrom ended(int from, const char* why, Seconds age) { return RunFrom(from).plan(1).reverted().failed(why).age(age); }

INSTANTIATE_TEST_SUITE_P(
    Marks, MarkOf,
    testing::Values(
        MarkRow{"none", three(), ""}, MarkRow{"remembered", two_good(), "Good"},
        MarkRow{"it_fired", three().rollback(RunFrom(2)), "Bad"},
        MarkRow{"bad_beats_good", two_good().rollback(RunFrom(2)), "Bad"},
        MarkRow{"a_person_may_roll_back_without_marking", three().rollback(RunFrom(2).by_hand()), ""},
        MarkRow{"a_new_policy_rebuilds_bad_ones_from_rollbacks_of_revisions_that_are_gone",
                World().revision(1).revision(3).rollback(RunFrom(2).plan(1).complete(reason::kStabilized)), "Bad"},
        MarkRow{"not_from_another_target", World().revision(3).rollback(RunFrom(2).plan(1).change([](auto& run) {
                  run.status.plan->target_uid = "another";
                })),
                ""},
        MarkRow{"a_person_marks_bad", World().revision(1).revision(3).revision(2).good().annotated("bad"), "Bad"},
        MarkRow{"a_person_lifts_bad", two_bad().annotated("good").rollback(RunFrom(2)), "Good"},
        MarkRow{"another_word_says_nothing", two_bad().annotated("great"), "Bad"},
        MarkRow{"on_any_revision_of_that_release", World().revision(2).revision(3, "v2").annotated("bad").revision(4), "Bad"},
        MarkRow{"taken_back_if_it_was_not_to_blame", two_bad().rollback(ended(2, reason::kNotRevisionSpecific, 600s)), ""},
        MarkRow{
            "taken_back_for_the_whole_chain",
            two_bad()
                .rollback(ended(2, reason::kRestoredRevisionUnhealthy, 600s).change([](auto& run) { run.meta.name = "first"; }))
                .rollback(ended(3, reason::kNotRevisionSpecific, 300s).after("first", 1)),
            ""},
        MarkRow{"fired_again_after_it_was_taken_back",
                three().rollback(ended(2, reason::kNotRevisionSpecific, 900s)).rollback(RunFrom(2).change([](auto& run) {
                  run.meta.name = "later";
                })),
                "Bad"},
        MarkRow{"what_another_run_said_is_not_taken_back",
                two_bad()
                    .rollback(RunFrom(2).plan(1).complete(reason::kStabilized).age(9000s).change([](auto& run) {
                      run.meta.name = "earlier";
                    }))
                    .rollback(ended(2, reason::kNotRevisionSpecific, 900s)),
                "Bad"},
        MarkRow{"what_a_person_said_is_not_taken_back",
                two_bad()
                    .status([](auto& status) { status.marks.front().reason = reason::kByPerson; })
                    .rollback(ended(2, reason::kNotRevisionSpecific, 900s)),
                "Bad"}),
    [](const auto& info) { return info.param.name; });

TEST(Marks, TheNewest20AreKept) {
  decide::Marks all;
  for (int n = 0; n < 30; ++n) {
    const auto name = std::to_string(n);
    all[name] = {name, Mark::Good, "", "", kNow - Seconds{n}};
  }
  const auto kept = decide::kept(all);
  ASSERT_EQ(kept.size(), 20U);
  EXPECT_EQ(kept.front().fingerprint, "0");
  EXPECT_EQ(kept.back().fingerprint, "19");
}

TEST(Marks, ARestartDoesNotLaunderABadRelease) {
  auto restarted = release("v2");
  restarted.annotations[api::kRestartedAtAnnotation] = "2026-01-01T00:00:00Z";
  EXPECT_EQ(api::fingerprint(restarted, {}), fingerprint("v2"));
}

// ---- where to go back to ----

struct ChoiceRow {
  const char* name;
  World world;
  const char* uid;  // "" for nothing
  Choice chosen = Choice::Good;
};
class Choose : public testing::TestWithParam<ChoiceRow> {};

TEST_P(Choose, Target) {
  const decide::Snapshot& world = GetParam().world;
  const auto found = decide::choose(world, world.revisions.front(), decide::marks(world));
  ASSERT_EQ(found ? found->revision->set.meta.uid : "", GetParam().uid);
  EXPECT_TRUE(!found || found->chosen == GetParam().chosen);
}

INSTANTIATE_TEST_SUITE_P(
    GoodOne, Choose,
    testing::Values(
        ChoiceRow{"the_highest_number", World().revision(1).good().revision(2).good().revision(3), "rs-2"},
        ChoiceRow{"by_number_not_by_text", World().revision(9).good().revision(10).good().revision(11), "rs-10"},
        ChoiceRow{"not_the_newest_if_it_is_not_good", World().revision(1).good().revision(2).seen_ready().revision(3), "rs-1"},
        ChoiceRow{"one_that_was_reverted_to_before", World().revision(2).bad().revision(1).good().shipped_again(1).revision(4),
                  "rs-1"},
        ChoiceRow{"never_the_same_release_under_another_number",
                  World().revision(1).good().revision(2, "v3").revision(3).good(), "rs-1"},
        ChoiceRow{"never_one_being_deleted", World().revision(1).good().deleting().revision(2), ""},
        ChoiceRow{"never_one_without_a_number", World().revision(0).good().revision(2), ""},
        ChoiceRow{"never_across_a_barrier", World().revision(1).good().revision(2).no_way_back().revision(3), ""},
        ChoiceRow{"up_to_the_barrier", World().revision(1).good().revision(2).no_way_back().good().revision(3), "rs-2"},
        ChoiceRow{"a_barrier_on_the_bad_one_itself", World().revision(1).good().revision(2).no_way_back(), ""}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    AssumedOne, Choose,
    testing::Values(
        ChoiceRow{"nothing_at_all", World().revision(1), ""},
        ChoiceRow{"no_history_with_revision_history_limit_0", World().revision(7), ""},
        ChoiceRow{"seen_with_a_ready_pod", World().revision(1).seen_ready().revision(2), "rs-1", Choice::Assumed},
        ChoiceRow{"the_newest_seen_ready", World().revision(1).seen_ready().revision(2).seen_ready().revision(3), "rs-2",
                  Choice::Assumed},
        ChoiceRow{"never_a_bad_one", World().revision(1).seen_ready().revision(2).bad().seen_ready().revision(3), "rs-1",
                  Choice::Assumed},
        ChoiceRow{"one_that_reigned_for_long", World().revision(3).age(48h).revision(4).age(600s).revision(5).age(60s), "rs-3",
                  Choice::Assumed},
        ChoiceRow{"a_reign_of_soak_and_the_deployments_deadline", World().revision(1).age(960s).revision(2).age(60s), "rs-1",
                  Choice::Assumed},
        ChoiceRow{"a_shorter_one_says_nothing", World().revision(1).age(959s).revision(2).age(60s), ""},
        ChoiceRow{"a_reign_of_unknown_length_says_nothing",
                  World().revision(1).change([](auto& world) { world.revisions.front().set.meta.created.reset(); }).revision(2),
                  ""},
        ChoiceRow{"a_long_reign_of_a_bad_one", World().revision(1).age(48h).bad().revision(2).age(60s), ""}),
    [](const auto& info) { return info.param.name; });

TEST(Describe, NamesTheNumber) { EXPECT_EQ(decide::describe(shipped(3)), "web-3 (revision 3)"); }

// ---- sent back by a person ----

TEST(SentBackByHand, IsNoDefaultUntilItIsShippedAgain) {
  const auto run = RunFrom(2).by_hand().plan(1).reverts(1, 2).complete(reason::kStabilized);
  const auto chosen = [](const decide::Snapshot& world) {
    const auto found = decide::choose(world, world.revisions.front(), decide::marks(world));
    return found ? found->revision->set.meta.uid : "";
  };
  EXPECT_EQ(chosen(World().revision(2).good().revision(1).good().shipped_again(1).rollback(run)), "");
  EXPECT_EQ(chosen(World().revision(1).good().revision(2).good().shipped_again(2).revision(9).rollback(run)), "rs-2");
}

TEST(FailedSince, IsNotGoodButMayBeAssumed) {
  decide::Snapshot world = World().revision(1).good().revision(2).good().seen_ready().revision(3);
  for (auto& mark : world.policy->status.marks) {
    if (mark.fingerprint == fingerprint("v2")) mark.reason = decide::kFailedSince;
  }
  const auto chosen = [&] { return decide::choose(world, world.revisions.front(), decide::marks(world)); };
  EXPECT_EQ(chosen()->revision->set.meta.uid, "rs-1");
  world.revisions.erase(world.revisions.begin() + 2);
  EXPECT_EQ(chosen()->chosen, Choice::Assumed);
}

// ---- why there is none ----

struct WhyRow {
  const char* name;
  World world;
  const char* says;
};
class WhyNoWayBack : public testing::TestWithParam<WhyRow> {};
TEST_P(WhyNoWayBack, IsSaid) {
  const decide::Snapshot& world = GetParam().world;
  EXPECT_THAT(decide::why_no_way_back(world, world.revisions.front()), testing::HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    Because, WhyNoWayBack,
    testing::Values(WhyRow{"none_is_older", World().revision(1), "no older ReplicaSet of the Deployment exists"},
                    WhyRow{"none_is_good", World().revision(1).bad().revision(2),
                           "or mark one with rollback.riptide.dev/mark=good"},
                    WhyRow{"of_the_release_itself", World().revision(1).good().revision(2).no_way_back(),
                           "this release says that there is no way back"},
                    WhyRow{"of_one_before_it", World().revision(1).good().revision(2).bad().no_way_back().revision(3),
                           "on this side of web-2 (revision 2), which says that there is no way back"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
