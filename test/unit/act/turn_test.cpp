// The writes of a blue-green pair: one each, of what is ours to change, and only on the world that was looked at.
#include "act/turn.hpp"

#include "act/ownership.hpp"
#include "given.hpp"

namespace {

using act_test::fails_with;
using act_test::json;
using base::Fault;
using testing::IsEmpty;
using testing::SizeIs;

class TurnTest : public act_test::Shipped {
 protected:
  TurnTest() {
    json service = fake::service_json("web");
    service["spec"]["selector"]["slot"] = "green";
    user.create(service);
    user.create(fake::deployment_json("peer", "app:1", 1));
    peer_has(1);
  }

  void peer_has(int available) {
    user.update(status_of_peer, [&](json& object) { object["status"]["availableReplicas"] = available; });
  }
  decide::TurnService turn() const {
    return {on_bad_target(), "web", uid(service), "peer", uid(peer), "slot", "green", "blue"};
  }
  decide::ScalePeer scale(int replicas) const { return {on_bad_target(), "peer", uid(peer), replicas}; }
  json selector() const { return user.get(service)["spec"]["selector"]; }
  int replicas() const { return user.get(peer)["spec"]["replicas"]; }

  const wire::Ref service = act_test::ref(wire::kServices, "web");
  const wire::Ref peer = act_test::ref(wire::kDeployments, "peer");
  const wire::Ref status_of_peer{wire::kDeployments, fake::kNamespace, "peer", "status", {}};
};

TEST_F(TurnTest, ChangesOneKeyInOneWrite) {
  ASSERT_TRUE(act::turn_service(cluster, turn()));
  EXPECT_EQ(selector(), (json{{"app", "web"}, {"slot", "blue"}}));
  ASSERT_TRUE(act::turn_service(cluster, turn()));
  EXPECT_THAT(cluster.writes(), SizeIs(1));
}

TEST_F(TurnTest, LeavesAValueThatWasNotLookedAt) {
  user.update(service, [](json& object) { object["spec"]["selector"]["slot"] = "red"; });
  EXPECT_THAT(act::turn_service(cluster, turn()), fails_with(Fault::Conflict));
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

TEST_F(TurnTest, OfASelectorThatChangesMeanwhileIsAConflict) {
  act_test::Meddled api(cluster);
  api.before_patch = [this] { user.update(service, [](json& object) { object["spec"]["selector"]["slot"] = "red"; }); };
  EXPECT_THAT(act::turn_service(api, turn()), fails_with(Fault::Conflict));
  EXPECT_EQ(selector()["slot"], "red");
}

TEST_F(TurnTest, IsNotDoneOnceAnotherReleaseIsLive) {
  const auto seen = turn();
  user.update(act_test::kWeb, [](json& web) { web["spec"]["template"]["spec"]["containers"][0]["image"] = "app:3"; });
  EXPECT_THAT(act::turn_service(cluster, seen), fails_with(Fault::Conflict));
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

// R14
TEST_F(TurnTest, IsNotDoneOnceTheOtherSideCanNotTakeTheTraffic) {
  const auto seen = turn();
  const auto refuses = [&] {
    EXPECT_THAT(act::turn_service(cluster, seen), fails_with(Fault::Conflict));
    EXPECT_THAT(cluster.writes(), IsEmpty());
  };
  peer_has(0);
  refuses();
  peer_has(1);
  user.mark_deleted(peer);
  refuses();
  user.remove(peer);
  refuses();
  user.create(fake::deployment_json("peer", "app:1", 1));
  peer_has(1);
  refuses();  // it is another Deployment of that name
}

TEST_F(TurnTest, IsHandedBack) {
  ASSERT_TRUE(act::turn_service(cluster, turn()));
  const auto is_ours = [this] { return api::parse_service(user.get(service).dump())->owned_by_us; };
  EXPECT_TRUE(is_ours());
  const api::RouteRef route{"", "Service", "web"};
  ASSERT_TRUE(act::give_back_ownership(cluster, {{{fake::kNamespace, "web"}, uid(service), "guard-x", "u"}, route}));
  EXPECT_FALSE(is_ours());
  EXPECT_EQ(selector()["slot"], "blue");
}

TEST_F(TurnTest, RaisesReplicasAndNeverLowersThem) {
  ASSERT_TRUE(act::scale_peer(cluster, scale(3)));
  EXPECT_EQ(replicas(), 3);
  ASSERT_TRUE(act::scale_peer(cluster, scale(2)));
  EXPECT_EQ(replicas(), 3);
  EXPECT_THAT(cluster.writes(), SizeIs(1));
}

TEST_F(TurnTest, OfReplicasThatChangeMeanwhileIsAConflict) {
  act_test::Meddled api(cluster);
  api.before_patch = [this] { user.update(peer, [](json& object) { object["spec"]["replicas"] = 2; }); };
  EXPECT_THAT(act::scale_peer(api, scale(3)), fails_with(Fault::Conflict));
  EXPECT_EQ(replicas(), 2);
}

}  // namespace
