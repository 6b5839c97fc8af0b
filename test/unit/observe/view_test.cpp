#include "observe/view.hpp"

#include <gmock/gmock.h>

#include "observe/store.hpp"
#include "unit/observe/texts.hpp"

namespace observe {
namespace {

using given::crashed;
using given::deployment_text;
using given::json;
using given::pod_text;
using given::policy_text;
using given::rollback_text;
using given::set_text;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const Instant kNow = fake::kStart;

struct World {
  Store store;

  template <class T>
  void put(base::Result<T> (*codec)(std::string_view), const json& object, Instant seen = kNow) {
    store.put(codec(object.dump()).value(), seen);
  }
  void policy(const json& object) { put(api::parse_policy, object); }
  void rollback(const given::RunText& run) { put(api::parse_rollback, rollback_text(run)); }
  void deployment(const json& object) { put(api::parse_deployment, object); }
  void set(const json& object) { put(api::parse_replica_set, object); }
  void pod(const json& object, Instant seen = kNow) { put(api::parse_pod, object, seen); }
  [[nodiscard]] std::optional<decide::Snapshot> view(const std::string& name = "web") const {
    return view_of(store.tables(), {"shop", name}, kNow);
  }
};

World with_target() {
  World world;
  world.policy(policy_text());
  world.deployment(deployment_text());
  return world;
}

std::vector<std::string> names(const std::vector<api::Rollback>& rollbacks) {
  std::vector<std::string> out;
  for (const auto& rollback : rollbacks) out.push_back(rollback.meta.name);
  return out;
}

TEST(ObserveView, NothingWithoutPolicyAndRun) {
  World world;
  EXPECT_FALSE(world.view());
}

// Somebody has to remove what a deleted policy left.
TEST(ObserveView, FinishedRunsOfADeletedPolicyAreSeen) {
  World world;
  world.rollback({.target = "web", .true_conditions = {"Failed"}});
  ASSERT_TRUE(world.view());
  EXPECT_FALSE(world.view()->policy);
  EXPECT_EQ(world.view()->rollbacks.size(), 1u);
}

TEST(ObserveView, PolicyWithoutTarget) {
  World world;
  world.policy(policy_text());
  const auto view = world.view();
  ASSERT_TRUE(view && view->policy);
  EXPECT_FALSE(view->target);
  EXPECT_THAT(view->revisions, IsEmpty());
}

TEST(ObserveView, RunWhosePolicyIsGoneFindsItsTargetByThePlan) {
  World world;
  world.deployment(deployment_text());
  world.set(set_text());
  world.rollback({.name = "open"});
  ASSERT_TRUE(world.view());
  EXPECT_FALSE(world.view()->target);  // not planned yet: nobody says what the target is
  world.rollback({.name = "planned", .target = "web"});
  const auto view = world.view();
  EXPECT_FALSE(view->policy);
  ASSERT_TRUE(view->target);
  EXPECT_EQ(view->target->meta.uid, "d1");
  EXPECT_EQ(view->revisions.size(), 1u);
  EXPECT_FALSE(view->rival);
}

TEST(ObserveView, OfSeveralOpenRunsAPlannedOneSaysWhatTheTargetIs) {
  World world;
  world.deployment(deployment_text());
  world.rollback({.name = "a-planned", .target = "web"});
  world.rollback({.name = "b-open"});
  EXPECT_TRUE(world.view()->target);
}

TEST(ObserveView, RevisionsAreByNumberAsNumbers) {
  auto world = with_target();
  for (const int number : {9, 11, 10}) {
    const auto name = "web-" + std::to_string(number);
    world.set(set_text(name, "set-" + std::to_string(number), number));
  }
  world.set(set_text("other-1", "set-o", 99, "other", "d9"));
  std::vector<std::int64_t> numbers;
  const auto view = world.view();
  for (const auto& revision : view->revisions) numbers.push_back(revision.set.revision);
  EXPECT_THAT(numbers, ElementsAre(11, 10, 9));
}

TEST(ObserveView, FingerprintFollowsThePolicy) {
  auto world = with_target();
  auto stamped = set_text("web-b", "set-b", 2);
  stamped["spec"]["template"]["metadata"]["annotations"]["ci/build"] = "7";
  auto plain = set_text("web-a", "set-a", 1);
  plain["spec"]["template"]["spec"] = stamped["spec"]["template"]["spec"];  // the same image: the stamp is all that differs
  world.set(stamped);
  world.set(plain);
  EXPECT_NE(world.view()->revisions[0].fingerprint, world.view()->revisions[1].fingerprint);
  auto policy = policy_text();
  policy["spec"]["revisions"]["ignoreTemplateKeys"] = {"ci/build"};
  world.policy(policy);
  EXPECT_EQ(world.view()->revisions[0].fingerprint, world.view()->revisions[1].fingerprint);
}

TEST(ObserveView, PodIsWholeAgain) {
  auto world = with_target();
  world.set(set_text());
  const auto text = pod_text();
  world.pod(text);
  const auto pods = world.view()->revisions.at(0).pods;
  ASSERT_EQ(pods.size(), 1u);
  EXPECT_EQ(pods[0], api::parse_pod(text.dump()).value());
}

TEST(ObserveView, SeenReadyOutlivesThePod) {
  auto world = with_target();
  world.set(set_text());
  auto pod = pod_text();
  pod["status"]["conditions"] = json::array({{{"type", "Ready"}, {"status", "True"}}});
  world.pod(pod);
  world.store.remove(api::parse_pod(pod.dump()).value());
  EXPECT_TRUE(world.view()->revisions.at(0).seen_ready);
}

TEST(ObserveView, FailuresOfAllRevisionsByTime) {
  auto world = with_target();
  world.set(set_text("web-a", "set-a", 1));
  world.set(set_text("web-b", "set-b", 2));
  world.pod(crashed(pod_text("web-b-1", "p2", "web-b", "set-b"), kNow - seconds{10}));
  world.pod(crashed(pod_text("web-a-1", "p1"), kNow - seconds{20}));
  world.pod(crashed(pod_text("other-1", "p3", "other", "set-o"), kNow));
  const auto failures = world.view()->failures;
  ASSERT_EQ(failures.size(), 2u);
  EXPECT_EQ(failures[0].id, "p1/app/1");
  EXPECT_EQ(failures[0].revision_uid, "set-a");
  EXPECT_EQ(failures[1].revision_uid, "set-b");
}

TEST(ObserveView, FailuresAreThoseOfADay) {
  auto world = with_target();
  for (const std::string set : {"a", "b"}) {
    world.set(set_text("web-" + set, "set-" + set, 1));
    for (int i = 0; i < 200; ++i) {
      const auto name = set + std::to_string(i);
      world.pod(crashed(pod_text(name, name, "web-" + set, "set-" + set), kNow - seconds{i}));
    }
  }
  EXPECT_EQ(world.view()->failures.size(), 400u);  // the noise of one revision pushes none of another out
  EXPECT_THAT(view_of(world.store.tables(), {"shop", "web"}, kNow + kOldestFailure + seconds{1})->failures, IsEmpty());
}

TEST(ObserveView, LostReadinessIsTold) {
  auto world = with_target();
  world.set(set_text());
  auto pod = pod_text();
  pod["status"]["conditions"] = json::array({{{"type", "Ready"}, {"status", "True"}}});
  world.pod(pod);
  pod["status"]["conditions"][0] = {{"type", "Ready"}, {"status", "False"}, {"lastTransitionTime", base::to_rfc3339(kNow)}};
  for (auto& container : pod["status"]["containerStatuses"]) container["ready"] = false;
  world.pod(given::versioned(pod, "p1"));
  const auto lost = world.view()->lost_ready;
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].at, kNow);
}

TEST(ObserveView, RollbacksThatAreOursOrAboutOurTarget) {
  auto world = with_target();
  world.policy(policy_text("second", "web"));
  world.rollback({.name = "mine", .age = seconds{30}});
  world.rollback({.name = "of-the-second", .policy = "second", .age = seconds{20}});
  world.rollback({.name = "about-the-target", .policy = "gone", .target = "web", .age = seconds{10}});
  world.rollback({.name = "of-the-target-before", .policy = "gone", .target = "web", .target_uid = "d0"});
  world.rollback({.name = "of-another", .policy = "other", .target = "other", .target_uid = "d9"});
  EXPECT_THAT(names(world.view()->rollbacks), ElementsAre("about-the-target", "of-the-second", "mine"));
}

TEST(ObserveView, RollbacksAreNewestFirstThenByName) {
  auto world = with_target();
  world.rollback({.name = "b", .age = seconds{10}});
  world.rollback({.name = "c", .age = seconds{20}});
  world.rollback({.name = "a", .age = seconds{10}});
  EXPECT_THAT(names(world.view()->rollbacks), ElementsAre("a", "b", "c"));
}

TEST(ObserveView, OlderPolicyIsTheRival) {
  auto world = with_target();
  world.policy(policy_text("younger", "web", seconds{10}));
  world.policy(policy_text("elsewhere", "other", seconds{99999}));
  EXPECT_FALSE(world.view()->rival);
  ASSERT_TRUE(world.view("younger")->rival);
  EXPECT_EQ(world.view("younger")->rival->name, "web");
}

TEST(ObserveView, OfTwoOfTheSameAgeTheNameDecides) {
  auto world = with_target();
  world.policy(policy_text("alpha", "web"));
  EXPECT_FALSE(world.view("alpha")->rival);
  EXPECT_EQ(world.view("web")->rival->name, "alpha");
}

TEST(ObserveView, RevertsUnderWayElsewhere) {
  auto world = with_target();
  const auto run = [&](given::RunText text, const std::string& uid) {
    text.policy = text.target = text.name;
    text.target_uid = uid;
    world.rollback(text);
  };
  run({.name = "planned", .true_conditions = {"Approved"}}, "d2");
  run({.name = "rolling-out", .reverts = 1, .progresses = true}, "d3");
  run({.name = "ours", .reverts = 1, .progresses = true}, "d1");
  run({.name = "held"}, "d4");
  run({.name = "without-a-node", .reverts = 1}, "d5");
  run({.name = "rolled-out", .reverts = 1, .progresses = true, .rolled_out = true}, "d6");
  run({.name = "finished", .reverts = 1, .true_conditions = {"Failed"}, .progresses = true}, "d7");
  EXPECT_EQ(world.view()->reverting_elsewhere, 2);
}

TEST(ObserveView, PodsOfTheTarget) {
  auto world = with_target();
  world.set(set_text("web-a", "set-a", 1));
  world.set(set_text("web-b", "set-b", 2));
  world.pod(pod_text("web-a-1", "p1"));
  world.pod(pod_text("web-b-1", "p2", "web-b", "set-b"));
  world.pod(pod_text("other-1", "p3", "other", "set-o"));
  EXPECT_THAT(pods_of(world.store.tables(), {"shop", "web"}), testing::UnorderedElementsAre("p1", "p2"));
  EXPECT_THAT(pods_of(world.store.tables(), {"shop", "nobody"}), IsEmpty());
}

// R14: what is being deleted will not take traffic for long.
TEST(ObserveView, PodsBehindAServiceAreThoseThatStay) {
  World world;
  const auto replica_set = [&](const std::string& name, const std::string& uid, int ready) {
    json set = set_text(name, uid);
    set["spec"]["replicas"] = ready + 1;
    set["status"]["readyReplicas"] = ready;
    return set;
  };
  world.set(replica_set("web-a", "set-a", 2));
  json going = replica_set("web-b", "set-b", 4);
  going["metadata"]["deletionTimestamp"] = base::to_rfc3339(kNow);
  world.set(going);
  world.deployment(deployment_text());
  world.deployment(deployment_text("other", "d2"));
  const auto behind = pods_behind(world.store.tables(), "shop", {{"app", "web"}});
  EXPECT_EQ(behind.ready, 2);
  EXPECT_EQ(behind.wanted, 3);
  EXPECT_THAT(behind.deployments, ElementsAre("web"));
}

json canary_policy(const std::string& name, const std::string& target, seconds age, const json& traffic) {
  json object = policy_text(name, target, age);
  object["spec"]["traffic"] = traffic;
  return object;
}

// C50: each would give the traffic to the side that the other one takes it from.
TEST(ObserveView, OfTwoThatMoveARouteBothWaysTheOlderActs) {
  World world;
  const json ahead = canary_policy("ahead", "next", seconds{20}, fake::canary_json("web", "next", "front"));
  world.policy(ahead);
  world.policy(canary_policy("back", "web", seconds{10}, fake::canary_json("next", "web", "front")));
  EXPECT_FALSE(world.view("ahead")->rival);
  ASSERT_TRUE(world.view("back")->rival);
  EXPECT_EQ(world.view("back")->rival->name, "ahead");
  EXPECT_EQ(world.view("back")->rival->route, "HTTPRoute front");
  std::ignore = world.store.take_touched();
  world.store.remove(api::parse_policy(ahead.dump()).value());
  EXPECT_FALSE(world.view("back")->rival);
  EXPECT_THAT(world.store.take_touched(), testing::Contains(api::Key{"shop", "back"}));
}

TEST(ObserveView, ManyCanariesOfOneStableSideAreNoRivals) {
  World world;
  world.policy(canary_policy("one", "next", seconds{20}, fake::canary_json("web", "next", "front")));
  world.policy(canary_policy("two", "beta", seconds{10}, fake::canary_json("web", "beta", "front")));
  world.policy(canary_policy("elsewhere", "web", seconds{5}, fake::canary_json("next", "web", "back")));
  for (const char* name : {"one", "two", "elsewhere"}) EXPECT_FALSE(world.view(name)->rival) << name;
}

// Services select by the label "app", which is the Deployment's name.
struct PairWorld : World {
  PairWorld() {
    json object = policy_text();
    object["spec"]["traffic"] = fake::blue_green_json("front", "green");
    policy(object);
    deployment(deployment_text("web", "d1"));
    deployment(deployment_text("green", "d2"));
    set(set_text("web-a", "set-a", 1, "web", "d1"));
    set(set_text("green-a", "set-g", 4, "green", "d2"));
  }
  void select(const std::string& app) {
    json service = fake::service_json("front");
    service["spec"]["selector"]["app"] = app;
    put(api::parse_service, given::versioned(service, "s1"));
  }
};

TEST(ObserveView, OfAPairTheSideIsTheTargetThatTheServiceSelects) {
  PairWorld world;
  world.select("green");
  const auto green = world.view();
  EXPECT_EQ(green->target->meta.name, "green");
  EXPECT_EQ(green->revisions.at(0).set.revision, 4);
  ASSERT_TRUE(green->peer);
  EXPECT_EQ(green->peer->target.meta.name, "web");
  EXPECT_EQ(green->peer->revisions.at(0).set.revision, 1);
  world.select("web");
  EXPECT_EQ(world.view()->target->meta.name, "web");
  EXPECT_EQ(world.view()->peer->target.meta.name, "green");
}

TEST(ObserveView, OfAPairThatIsNotSelectedTheTargetIsTheNamedOne) {
  PairWorld world;
  EXPECT_EQ(world.view()->target->meta.name, "web");
  EXPECT_FALSE(world.view()->service);
  world.select("red");
  EXPECT_EQ(world.view()->target->meta.name, "web");
}

TEST(ObserveView, BothSidesAndTheServiceOfAPairConcernItsPolicy) {
  PairWorld world;
  world.select("web");
  std::ignore = world.store.take_touched();
  const auto touches = [&] { return !world.store.take_touched().empty(); };
  world.select("green");
  EXPECT_TRUE(touches());
  world.pod(pod_text("green-a-1", "p9", "green-a", "set-g"));
  EXPECT_TRUE(touches());
  world.put(api::parse_service, given::versioned(fake::service_json("other"), "s2"));
  EXPECT_FALSE(touches());
}

// Both act on "green".
TEST(ObserveView, APolicyOnOneSideAloneIsARival) {
  PairWorld world;
  world.policy(policy_text("older", "green", std::chrono::hours{9}));
  ASSERT_TRUE(world.view()->rival);
  EXPECT_EQ(world.view()->rival->name, "older");
}

}  // namespace
}  // namespace observe
