#include "observe/cache.hpp"

#include <gmock/gmock.h>

#include <optional>

#include "observe/view.hpp"
#include "unit/observe/texts.hpp"

namespace observe {
namespace {

using given::crashed;
using given::deployment_text;
using given::json;
using given::list_text;
using given::pod_text;
using given::policy_text;
using given::rollback_text;
using given::RunText;
using given::set_text;
using given::versioned;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const auto kKinds = kept_kinds(true);

struct World {
  fake::ManualClock clock;
  std::set<std::string> touched;
  Cache cache{clock, kept_kinds(true), {}, [this](const api::Key& key) { touched.insert(key.ns + "/" + key.name); }};

  void list(const wire::Kind& kind, const std::vector<json>& items, const std::string& ns = "") {
    cache.begin({kind, ns});
    EXPECT_TRUE(cache.put_list({kind, ns}, list_text(items)));
    cache.end({kind, ns});
  }
  void fill() {
    for (const auto& kind : kKinds) list(kind, {});
  }
  void event(const wire::Kind& kind, const std::string& type, const json& object) {
    touched.clear();
    EXPECT_TRUE(cache.apply({kind, ""}, type, object.dump()));
  }
  void put(const wire::Kind& kind, const json& object) { event(kind, "MODIFIED", object); }
  void learn(const wire::Kind& kind, const json& object) {
    touched.clear();
    EXPECT_TRUE(cache.learn(kind, object.dump()));
  }
  [[nodiscard]] std::optional<decide::Snapshot> view(const std::string& policy = "web") const {
    return cache.read([&](const Tables& tables, Instant now) { return view_of(tables, {"shop", policy}, now); });
  }
};

// The whole chain: policy, Deployment, ReplicaSet and pod of "web".
struct Filled : World {
  json pod = pod_text();
  Filled() {
    fill();
    put(wire::kPolicies, policy_text());
    put(wire::kDeployments, deployment_text());
    put(wire::kReplicaSets, set_text());
    put(wire::kPods, pod);
    touched.clear();
  }
};

TEST(ObserveCache, IsSyncedOnceEveryKindWasListed) {
  World world;
  for (const auto& kind : kKinds) {
    EXPECT_FALSE(world.cache.synced()) << kind.plural;
    world.list(kind, {});
  }
  EXPECT_TRUE(world.cache.synced());
}

TEST(ObserveCache, IsSyncedOnceEveryNamespaceWasListed) {
  fake::ManualClock clock;
  Cache cache(clock, kept_kinds(true), {"a", "b"}, [](const api::Key&) {});
  for (const std::string ns : {"a", "b"}) {
    for (const auto& kind : kKinds) {
      EXPECT_FALSE(cache.synced());
      cache.begin({kind, ns});
      cache.end({kind, ns});
    }
  }
  EXPECT_TRUE(cache.synced());
}

TEST(ObserveCache, TellsOfNobodyBeforeItIsFullAndOfAllThen) {
  World world;
  world.list(wire::kPolicies, {policy_text("a", "web"), policy_text("b", "other")});
  world.list(wire::kRollbacks, {rollback_text({.name = "r", .policy = "gone"}),
                                rollback_text({.name = "old", .policy = "long-gone", .true_conditions = {"Complete"}})});
  world.list(wire::kDeployments, {});
  world.list(wire::kReplicaSets, {});
  world.list(wire::kServices, {});
  EXPECT_THAT(world.touched, IsEmpty());
  world.list(wire::kPods, {});
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/a", "shop/b", "shop/gone", "shop/long-gone"));
}

TEST(ObserveCache, WhatIsNotListedAgainIsDeleted) {
  Filled world;
  world.list(wire::kPods, {pod_text("web-a-2", "p2")});
  ASSERT_EQ(world.view()->revisions.at(0).pods.size(), 1u);
  EXPECT_EQ(world.view()->revisions[0].pods[0].meta.uid, "p2");
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web"));
}

TEST(ObserveCache, ListThatFailedChangesNothing) {
  Filled world;
  world.cache.begin({wire::kPods, ""});
  EXPECT_TRUE(world.cache.put_list({wire::kPods, ""}, list_text({})));
  world.list(wire::kPods, {versioned(world.pod, "p1")});
  EXPECT_EQ(world.view()->revisions.at(0).pods.size(), 1u);
}

TEST(ObserveCache, ListOfOneNamespaceLeavesTheOthers) {
  Filled world;
  world.list(wire::kPods, {}, "elsewhere");
  EXPECT_EQ(world.view()->revisions.at(0).pods.size(), 1u);
  world.list(wire::kPods, {}, "shop");
  EXPECT_THAT(world.view()->revisions.at(0).pods, IsEmpty());
}

TEST(ObserveCache, WhatWeCreateDuringAListStays) {
  Filled world;
  world.cache.begin({wire::kRollbacks, ""});
  world.learn(wire::kRollbacks, rollback_text());
  world.cache.end({wire::kRollbacks, ""});
  EXPECT_EQ(world.view()->rollbacks.size(), 1u);
}

TEST(ObserveCache, BrokenItemIsReportedAndTheRestIsTaken) {
  World world;
  world.fill();
  json nameless = policy_text("b", "web");
  nameless["metadata"].erase("name");
  const auto outcome =
      world.cache.put_list({wire::kPolicies, ""}, list_text({policy_text("a", "web"), nameless, policy_text("c", "web")}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().fault, base::Fault::Invalid);
  EXPECT_TRUE(world.view("a"));
  EXPECT_TRUE(world.view("c"));
  EXPECT_FALSE(world.cache.apply({wire::kPods, ""}, "ADDED", "{\"metadata\":"));
  EXPECT_FALSE(world.cache.learn(wire::kRollbacks, "[]"));
}

TEST(ObserveCache, OtherKindsAreIgnored) {
  World world;
  world.fill();
  EXPECT_TRUE(world.cache.learn(wire::kLeases, "{}"));
  EXPECT_TRUE(world.cache.apply({wire::kEvents, ""}, "ADDED", "{}"));
}

// ---- never back in time ----

TEST(ObserveCache, OlderVersionIsIgnored) {
  Filled world;
  auto older = policy_text();
  auto newer = policy_text();
  newer["spec"]["mode"] = "Observe";
  world.put(wire::kPolicies, newer);
  world.put(wire::kPolicies, older);
  EXPECT_EQ(world.view()->policy->spec.mode, api::Mode::Observe);
  EXPECT_THAT(world.touched, IsEmpty());
}

TEST(ObserveCache, VersionThatIsNoNumberIsTaken) {
  Filled world;
  auto policy = policy_text();
  policy["metadata"]["resourceVersion"] = "opaque";
  policy["spec"]["mode"] = "Paused";
  world.put(wire::kPolicies, policy);
  EXPECT_EQ(world.view()->policy->spec.mode, api::Mode::Paused);
}

// C50
TEST(ObserveCache, TheRivalIsGoneWithItsPolicy) {
  Filled world;
  const auto older = policy_text("a-first", "web");  // of the same age: the name decides
  world.put(wire::kPolicies, older);
  ASSERT_TRUE(world.view()->rival);
  world.touched.clear();
  world.event(wire::kPolicies, "DELETED", older);
  EXPECT_FALSE(world.view()->rival);
  EXPECT_THAT(world.touched, testing::Contains("shop/web"));
}

// The pass after our own write decides on it, however late the watch is.
TEST(ObserveCache, OwnWriteIsSeenAtOnceAndStays) {
  Filled world;
  const auto before = rollback_text();
  const auto after = rollback_text({.target = "web"});
  world.learn(wire::kRollbacks, after);
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web"));
  world.event(wire::kRollbacks, "ADDED", before);
  ASSERT_EQ(world.view()->rollbacks.size(), 1u);
  EXPECT_TRUE(world.view()->rollbacks[0].status.plan);
  world.event(wire::kRollbacks, "MODIFIED", after);
  EXPECT_THAT(world.touched, IsEmpty());
}

TEST(ObserveCache, AnswerThatComesAfterTheDeletionIsTooLate) {
  Filled world;
  const auto created = rollback_text();
  const auto answered = rollback_text({.target = "web"});
  world.put(wire::kRollbacks, created);
  world.event(wire::kRollbacks, "DELETED", rollback_text());
  world.learn(wire::kRollbacks, answered);
  EXPECT_THAT(world.view()->rollbacks, IsEmpty());
}

TEST(ObserveCache, AnswerAboutAnObjectThatWasReplacedIsTooLate) {
  Filled world;
  world.put(wire::kRollbacks, rollback_text());
  world.put(wire::kRollbacks, versioned(rollback_text(), "run-again"));
  world.learn(wire::kRollbacks, rollback_text({.target = "web"}));
  EXPECT_EQ(world.view()->rollbacks.at(0).meta.uid, "run-again");
}

TEST(ObserveCache, SameNameWithAnotherUidIsAnotherObject) {
  Filled world;
  world.put(wire::kPods, crashed(world.pod));
  auto other = pod_text("web-a-1", "p2");
  world.put(wire::kPods, other);
  ASSERT_EQ(world.view()->revisions.at(0).pods.size(), 1u);
  EXPECT_EQ(world.view()->revisions[0].pods[0].meta.uid, "p2");
  world.event(wire::kPods, "DELETED", versioned(world.pod, "p1"));  // the late end of the first one
  EXPECT_EQ(world.view()->revisions.at(0).pods.size(), 1u);
}

TEST(ObserveCache, RecreatedDeploymentHasNoneOfTheOldRevisions) {
  Filled world;
  world.put(wire::kDeployments, deployment_text("web", "d2"));
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web"));
  EXPECT_THAT(world.view()->revisions, IsEmpty());
}

// ---- who is concerned ----

TEST(ObserveCache, EachMemberOfTheChainConcernsThePolicy) {
  Filled world;
  const std::pair<wire::Kind, json> changes[] = {
      {wire::kPolicies,
       [] {
         auto p = policy_text();
         p["spec"]["mode"] = "Observe";
         return p;
       }()},
      {wire::kDeployments,
       [] {
         auto d = deployment_text();
         d["spec"]["replicas"] = 9;
         return d;
       }()},
      {wire::kReplicaSets,
       [] {
         auto s = set_text();
         s["status"]["readyReplicas"] = 1;
         return s;
       }()},
      {wire::kPods, crashed(world.pod)},
      {wire::kRollbacks, rollback_text()},
  };
  for (const auto& [kind, object] : changes) {
    world.put(kind, object);
    EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web")) << kind.plural;
  }
  for (const auto& [kind, object] : changes) {
    if (kind == wire::kPolicies) continue;
    world.event(kind, "DELETED", object);
    EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web")) << kind.plural;
    world.put(kind, versioned(object, object["metadata"]["uid"]));
  }
}

TEST(ObserveCache, ChangeOfNothingWeKeepConcernsNobody) {
  Filled world;
  for (auto& [kind, object] : std::initializer_list<std::pair<wire::Kind, json>>{{wire::kPolicies, policy_text()},
                                                                                 {wire::kDeployments, deployment_text()},
                                                                                 {wire::kReplicaSets, set_text()},
                                                                                 {wire::kPods, versioned(world.pod, "p1")}}) {
    auto changed = object;
    changed["metadata"]["managedFields"] = json::array({{{"manager", "somebody"}}});
    world.put(kind, changed);
    EXPECT_THAT(world.touched, IsEmpty()) << kind.plural;
  }
  auto& status = world.pod["status"];
  status["hostIP"] = "192.168.0.1";
  world.put(wire::kPods, versioned(world.pod, "p1"));
  EXPECT_THAT(world.touched, IsEmpty());
  const auto newest = policy_text();  // the version is kept all the same: it is what a write is conditional on
  world.put(wire::kPolicies, newest);
  EXPECT_EQ(world.view()->policy->meta.resource_version, newest["metadata"]["resourceVersion"]);
}

TEST(ObserveCache, ObjectsOfOthersConcernNobody) {
  Filled world;
  world.put(wire::kDeployments, deployment_text("other", "d9"));
  EXPECT_THAT(world.touched, IsEmpty());
  world.put(wire::kReplicaSets, set_text("other-a", "set-o", 1, "other", "d9"));
  EXPECT_THAT(world.touched, IsEmpty());
  world.put(wire::kPods, pod_text("other-a-1", "p9", "other-a", "set-o"));
  EXPECT_THAT(world.touched, IsEmpty());
}

TEST(ObserveCache, PodBeforeReplicaSetBeforeDeployment) {
  World world;
  world.fill();
  world.put(wire::kPolicies, policy_text());
  world.put(wire::kPods, pod_text());
  EXPECT_THAT(world.touched, IsEmpty());  // whose it is is not known yet
  world.put(wire::kPods, crashed(pod_text()));
  world.put(wire::kReplicaSets, set_text());
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web"));
  world.put(wire::kDeployments, deployment_text());
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web"));
  ASSERT_EQ(world.view()->revisions.size(), 1u);
  EXPECT_EQ(world.view()->revisions[0].pods.size(), 1u);
  EXPECT_EQ(world.view()->failures.size(), 1u);
}

TEST(ObserveCache, PolicyConcernsThoseOnTheSameTarget) {
  Filled world;
  world.put(wire::kPolicies, policy_text("second", "web"));
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web", "shop/second"));
  world.put(wire::kRollbacks, rollback_text({.policy = "second"}));
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web", "shop/second"));
  world.event(wire::kPolicies, "DELETED", policy_text("second", "web"));
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web", "shop/second"));
}

// A run goes on by its plan when its policy is gone, so what happens to the target still concerns it.
TEST(ObserveCache, TargetOfARunWithoutPolicyConcernsIt) {
  Filled world;
  world.put(wire::kRollbacks, rollback_text({.policy = "gone", .target = "web"}));
  world.put(wire::kPods, crashed(world.pod));
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web", "shop/gone"));
  world.put(wire::kRollbacks, rollback_text({.policy = "gone", .target = "web", .true_conditions = {"Complete"}}));
  world.put(wire::kPods, crashed(crashed(world.pod)));
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web"));
}

TEST(ObserveCache, FreePlaceBelowTheCapConcernsThoseThatWait) {
  Filled world;
  const RunText reverting{.name = "r1", .policy = "a", .target = "x", .target_uid = "dx", .reverts = 1, .progresses = true};
  world.put(wire::kRollbacks, rollback_text(reverting));
  world.put(wire::kRollbacks, rollback_text({.name = "r2", .policy = "b", .target = "y", .target_uid = "dy"}));
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/b"));
  RunText reverted = reverting;
  reverted.rolled_out = true;
  world.put(wire::kRollbacks, rollback_text(reverted));
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/a", "shop/b"));
}

TEST(ObserveCache, PodsOfOtherOwnersAreNotKept) {
  Filled world;
  auto job = versioned(given::owned(pod_text("job-1", "p8"), "Job", "job", "job-uid"), "p8");
  world.put(wire::kPods, job);
  auto bare = pod_text("bare", "p9");
  bare["metadata"].erase("ownerReferences");
  world.put(wire::kPods, bare);
  world.put(wire::kReplicaSets, versioned(given::owned(set_text("r-a", "set-r"), "Rollout", "r", "r1"), "set-r"));
  world.cache.read([](const Tables& tables, Instant) {
    EXPECT_EQ(tables.pods.size(), 1u);
    EXPECT_EQ(tables.sets.size(), 1u);
    EXPECT_EQ(tables.replicas.size(), 1u);
  });
}

// Taken over by another ReplicaSet (its labels were edited), then by nobody.
TEST(ObserveCache, PodThatChangesItsOwner) {
  Filled world;
  world.put(wire::kReplicaSets, set_text("web-b", "set-b", 2));
  world.put(wire::kPods, pod_text("web-a-1", "p1", "web-b", "set-b"));
  EXPECT_EQ(world.view()->revisions.at(0).pods.size(), 1u);
  EXPECT_EQ(world.view()->revisions.at(1).pods.size(), 0u);
  auto orphan = pod_text("web-a-1", "p1");
  orphan["metadata"].erase("ownerReferences");
  world.put(wire::kPods, orphan);
  EXPECT_EQ(world.view()->revisions.at(0).pods.size(), 0u);
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web"));
}

TEST(ObserveCache, PodThatLeavesConcernsThoseItLeaves) {
  Filled world;
  world.put(wire::kReplicaSets, set_text("other-a", "set-o", 1, "other", "d9"));
  world.put(wire::kPods, pod_text("web-a-1", "p1", "other-a", "set-o"));
  EXPECT_THAT(world.touched, UnorderedElementsAre("shop/web"));
}

TEST(ObserveCache, OldEventWithAnotherOwnerLeavesNoTrace) {
  Filled world;
  const auto old = pod_text("web-a-1", "p1", "web-0", "set-0");
  world.put(wire::kPods, crashed(world.pod));
  world.put(wire::kPods, old);
  world.cache.read([](const Tables& tables, Instant) { EXPECT_EQ(tables.replicas.size(), 1u); });
}

TEST(ObserveCache, NothingStaysOfWhatIsGone) {
  Filled world;
  world.put(wire::kRollbacks, rollback_text({.target = "web", .reverts = 1}));
  for (const auto& kind : kKinds) world.list(kind, {});
  world.cache.read([](const Tables& tables, Instant) {
    EXPECT_TRUE(tables.policies.empty() && tables.rollbacks.empty() && tables.deployments.empty());
    EXPECT_TRUE(tables.sets.empty() && tables.pods.empty() && tables.replicas.empty());
    EXPECT_TRUE(tables.revisions.empty() && tables.policies_by_target.empty() && tables.rollbacks_by_policy.empty());
    EXPECT_TRUE(tables.rollbacks_by_target.empty() && tables.open_by_target.empty() && tables.open.empty());
    EXPECT_TRUE(tables.reverting.empty());
  });
}

// Absent numbers are what the API server means by them.
TEST(ObserveCache, StatusWithoutFields) {
  Filled world;
  auto bare = deployment_text();
  bare["spec"].erase("replicas");
  bare["status"] = json::object();
  world.put(wire::kDeployments, bare);
  EXPECT_EQ(world.view()->target->replicas, 1);
  EXPECT_EQ(world.view()->target->available, 0);
}

}  // namespace
}  // namespace observe
