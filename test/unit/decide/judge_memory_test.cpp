// The Memory trigger: worst container of the worst pod, told by the samples' own times; everything that is no reading is
// Unknown.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "decide/reasons.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Verdict;

struct Row {
  const char* name;
  World world;
  Verdict verdict;
  const char* why;
};

World release_2() { return World().triggers({memory(600, 30s)}).revision(1).revision(2); }
World one_pod() { return release_2().pod("a"); }
World out_of_reach(World world) {
  return world.change([](auto& seen) { seen.memory_problem = base::Error{base::Fault::Unavailable, "no answer from node-1"}; });
}
World beside_a_dead(const std::function<void(api::Pod&)>& end) {
  return one_pod()
      .samples({100, 100, 100})
      .pod("b")
      .samples({900, 900, 900})
      .pod("c")
      .pod_is(end)
      .at(2)
      .change([&](auto& world) { end(world.revisions.front().pods.at(1)); });
}
World known_bad() { return World().triggers({memory(600, 30s)}).revision(1).revision(2).bad().pod("a"); }

class JudgeMemory : public testing::TestWithParam<Row> {};

TEST_P(JudgeMemory, Verdict) {
  const Judged judged(GetParam().world);
  const auto finding = decide::judge(judged.bench.policy.spec.triggers.front(), judged.bench);
  EXPECT_EQ(finding.verdict, GetParam().verdict) << finding.message;
  EXPECT_EQ(finding.reason, GetParam().why) << finding.message;
}

INSTANTIATE_TEST_SUITE_P(
    Limit, JudgeMemory,
    testing::Values(
        Row{"below_is_healthy", one_pod().samples({500, 500, 500, 500}), Verdict::Healthy, reason::kWithinLimit},
        Row{"at_the_limit_is_healthy", one_pod().samples({600, 600, 600, 600}), Verdict::Healthy, reason::kWithinLimit},
        Row{"above_for_long_enough", one_pod().samples({601, 601, 601}), Verdict::Breached, reason::kMemoryAboveLimit},
        Row{"above_but_not_yet_for_long", one_pod().samples({601, 601}), Verdict::Healthy, reason::kWithinLimit},
        Row{"above_exactly_for_seconds", one_pod().samples({500, 601, 601}, 0s, 30s), Verdict::Breached,
            reason::kMemoryAboveLimit},
        Row{"one_sample_is_never_enough", World().triggers({memory(600, 0s)}).revision(1).revision(2).pod("a").samples({900}),
            Verdict::Healthy, reason::kWithinLimit},
        Row{"two_samples_are_enough_for_0_s",
            World().triggers({memory(600, 0s)}).revision(1).revision(2).pod("a").samples({900, 900}), Verdict::Breached,
            reason::kMemoryAboveLimit},
        Row{"a_dip_begins_anew", one_pod().samples({900, 900, 500, 900, 900}), Verdict::Healthy, reason::kWithinLimit},
        Row{"below_now_is_healthy", one_pod().samples({900, 900, 900, 900, 599}), Verdict::Healthy, reason::kWithinLimit},
        Row{"the_worst_pod_decides", one_pod().samples({100, 100, 100}).pod("b").samples({700, 700, 700}), Verdict::Breached,
            reason::kMemoryAboveLimit},
        Row{"the_worst_container_decides", one_pod().samples({100, 100, 100}).samples({700, 700, 700}), Verdict::Breached,
            reason::kMemoryAboveLimit},
        Row{"working_set_is_another_measure",
            World()
                .triggers({memory(600, 30s, api::Measure::WorkingSet)})
                .revision(1)
                .revision(2)
                .pod("a")
                .samples({301, 301, 301}),
            Verdict::Breached, reason::kMemoryAboveLimit}),
    [](const auto& info) { return info.param.name; });

const double kNaN = std::nan("");
const double kInfinite = std::numeric_limits<double>::infinity();

INSTANTIATE_TEST_SUITE_P(
    NoReading, JudgeMemory,
    testing::Values(
        Row{"no_sample", one_pod(), Verdict::Unknown, reason::kNoReadings},
        Row{"no_pod", release_2(), Verdict::Unknown, reason::kNoReadings},
        Row{"not_a_number", one_pod().samples({kNaN, kNaN, kNaN}), Verdict::Unknown, reason::kNoReadings},
        Row{"one_container_of_two", one_pod().samples({100, 100, 100}).pod_is([](api::Pod& pod) {
              for (auto& container : pod.containers) container.ready = true;
              pod.containers.push_back(pod.containers.front());
              pod.containers.back().name = "beside";
            }),
            Verdict::Unknown, reason::kNoReadings},
        Row{"infinite", one_pod().samples({kInfinite, kInfinite, kInfinite}), Verdict::Unknown, reason::kNoReadings},
        Row{"negative", one_pod().samples({-1, -1, -1}), Verdict::Unknown, reason::kNoReadings},
        Row{"stale", one_pod().samples({900, 900, 900}, 61s), Verdict::Unknown, reason::kReadingsStale},
        Row{"not_yet_stale", one_pod().samples({900, 900, 900}, 60s), Verdict::Breached, reason::kMemoryAboveLimit},
        Row{"from_before_the_pod_was_ready",
            one_pod().pod_is([](api::Pod& pod) { pod.ready_changed = kNow - 4s; }).samples({900, 900, 900}), Verdict::Unknown,
            reason::kNoReadings},
        Row{"a_pod_that_is_not_ready", one_pod().unready(600s).samples({900, 900, 900}), Verdict::Unknown, reason::kNoReadings},
        Row{"a_pod_being_deleted", one_pod().pod_is([](api::Pod& pod) { pod.meta.deleted = kNow; }).samples({900, 900, 900}),
            Verdict::Unknown, reason::kNoReadings},
        Row{"a_pod_without_reading_for_long", one_pod().samples({100, 100, 100}).pod("b"), Verdict::Unknown,
            reason::kNoReadings},
        Row{"a_new_pod_without_reading_yet",
            one_pod().samples({100, 100, 100}).pod("b").pod_is([](api::Pod& pod) { pod.ready_changed = kNow - 45s; }),
            Verdict::Healthy, reason::kWithinLimit},
        Row{"the_source_is_out", out_of_reach(one_pod().samples({100, 100, 100}, 61s)), Verdict::Unknown,
            reason::kSourceUnavailable},
        Row{"a_lost_call_takes_nothing_from_fresh_readings", out_of_reach(one_pod().samples({100, 100, 100}, 60s)),
            Verdict::Healthy, reason::kWithinLimit},
        Row{"a_right_that_is_missing_is_told_at_once", one_pod().samples({100, 100, 100}).change([](auto& world) {
              world.memory_problem = base::Error{base::Fault::Forbidden, "nodes/stats"};
            }),
            Verdict::Unknown, reason::kSourceForbidden},
        Row{"a_dead_pod_beside_a_live_one", beside_a_dead([](api::Pod& pod) { pod.meta.deleted = kNow; }), Verdict::Healthy,
            reason::kWithinLimit},  // R06, and the two below
        Row{"a_failed_pod_beside_a_live_one", beside_a_dead([](api::Pod& pod) { pod.phase = "Failed"; }), Verdict::Healthy,
            reason::kWithinLimit},
        Row{"a_finished_pod_beside_a_live_one", beside_a_dead([](api::Pod& pod) { pod.phase = "Succeeded"; }), Verdict::Healthy,
            reason::kWithinLimit},
        Row{"a_breach_is_seen_although_another_node_is_out", one_pod().samples({900, 900, 900}).change([](auto& world) {
              world.memory_problem = base::Error{base::Fault::Unavailable, "no answer from node-2"};
            }),
            Verdict::Breached, reason::kMemoryAboveLimit},
        Row{"a_breach_is_seen_beside_a_stale_pod", one_pod().samples({900, 900, 900}).pod("b").samples({100}, 90s),
            Verdict::Breached, reason::kMemoryAboveLimit},
        Row{"another_revisions_pod_is_not_judged",
            World()
                .triggers({memory()})
                .revision(1)
                .pod("old")
                .samples({900, 900, 900})
                .revision(2)
                .pod("a")
                .samples({100, 100}),
            Verdict::Healthy, reason::kWithinLimit}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(KnownBad, JudgeMemory,
                         testing::Values(Row{"the_first_sample_fires", known_bad().samples({500, 700}), Verdict::Breached,
                                             reason::kKnownBad},
                                         Row{"without_a_breached_sample_it_is_left_alone", known_bad().samples({700, 500}),
                                             Verdict::Healthy, reason::kWithinLimit},
                                         Row{"a_stale_sample_does_not_fire", known_bad().samples({700}, 61s), Verdict::Unknown,
                                             reason::kReadingsStale}),
                         [](const auto& info) { return info.param.name; });

TEST(JudgeMemoryText, NamesTheContainerTheLimitAndTheTime) {
  const Judged judged(one_pod().samples({601, 601, 650}));
  const auto finding = decide::judge(memory(), judged.bench);
  EXPECT_EQ(finding.message, "RSS of web-2-a/web is 650.0Mi, above 600Mi for 30 s");
  EXPECT_EQ(finding.value, "650.0Mi");
}

TEST(JudgeMemoryText, LooksAgainWhenTheReadingBecomesStale) {
  const Judged judged(one_pod().samples({500}, 5s));
  EXPECT_EQ(decide::judge(memory(), judged.bench).look_again, kNow - 5s + 61s);
}

}  // namespace
