// The minimum of an autoscaler: raised and given back by one write each, and only if it is what was looked at.
#include "act/minimum.hpp"

#include "act/ownership.hpp"
#include "given.hpp"

namespace {

using act_test::fails_with;
using act_test::json;
using base::Fault;
using testing::IsEmpty;
using testing::SizeIs;

class MinimumTest : public act_test::Shipped {
 protected:
  MinimumTest() { user.create(fake::autoscaler_json("stable", 2, 10)); }

  decide::RaiseMinimum raise(int from, int to) const { return {on_bad_target(), "stable", uid(scaler), from, to}; }
  decide::GiveBack given() const { return {{fake::kNamespace, "stable"}, uid(scaler), "guard-x", "u"}; }
  void somebody_sets(int minimum) {
    user.update(scaler, [&](json& object) { object["spec"]["minReplicas"] = minimum; });
  }
  int minimum() const { return user.get(scaler)["spec"]["minReplicas"]; }

  const wire::Ref scaler = act_test::ref(wire::kAutoscalers, "stable");
};

TEST_F(MinimumTest, IsRaisedOnce) {
  ASSERT_TRUE(act::raise_minimum(cluster, raise(2, 5)));
  EXPECT_EQ(minimum(), 5);
  ASSERT_TRUE(act::raise_minimum(cluster, raise(2, 5)));
  EXPECT_THAT(cluster.writes(), SizeIs(1));
}

TEST_F(MinimumTest, IsNeverLowered) {
  somebody_sets(7);
  ASSERT_TRUE(act::raise_minimum(cluster, raise(2, 5)));
  EXPECT_EQ(minimum(), 7);
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

TEST_F(MinimumTest, ThatWasNotLookedAtIsAConflict) {
  somebody_sets(3);
  EXPECT_THAT(act::raise_minimum(cluster, raise(2, 5)), fails_with(Fault::Conflict));
  act_test::Meddled api(cluster);
  api.before_patch = [this] { somebody_sets(4); };
  EXPECT_THAT(act::raise_minimum(api, raise(3, 5)), fails_with(Fault::Conflict));
  EXPECT_EQ(minimum(), 4);
}

TEST_F(MinimumTest, IsNotRaisedOnceAnotherReleaseIsLive) {
  const auto seen = raise(2, 5);
  user.update(act_test::kWeb, [](json& web) { web["spec"]["template"]["spec"]["containers"][0]["image"] = "app:3"; });
  EXPECT_THAT(act::raise_minimum(cluster, seen), fails_with(Fault::Conflict));
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

TEST_F(MinimumTest, IsGivenBackIfItIsStillOurs) {
  somebody_sets(5);
  ASSERT_TRUE(act::restore_minimum(cluster, {given(), 5, 2}));
  EXPECT_EQ(minimum(), 2);
  somebody_sets(4);
  ASSERT_TRUE(act::restore_minimum(cluster, {given(), 5, 2}));
  EXPECT_EQ(minimum(), 4) << "somebody wants that";
  EXPECT_THAT(cluster.writes(), SizeIs(1));
}

TEST_F(MinimumTest, OfAnotherAutoscalerOfThatNameIsLeftAlone) {
  const auto raised = raise(2, 5);
  const auto back = given();
  user.remove(scaler);
  user.create(fake::autoscaler_json("stable", 5, 10));
  EXPECT_THAT(act::raise_minimum(cluster, raised), fails_with(Fault::Conflict));
  EXPECT_THAT(act::restore_minimum(cluster, {back, 5, 2}), fails_with(Fault::Conflict));
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

TEST_F(MinimumTest, IsHandedBack) {
  ASSERT_TRUE(act::raise_minimum(cluster, raise(2, 5)));
  const auto is_ours = [this] {
    return api::parse_autoscalers(json{{"items", json::array({user.get(scaler)})}}.dump())->front().owned_by_us;
  };
  EXPECT_TRUE(is_ours());
  const api::RouteRef kind{"autoscaling", "HorizontalPodAutoscaler", "stable"};
  ASSERT_TRUE(act::give_back_ownership(cluster, {given(), kind}));
  EXPECT_FALSE(is_ours());
  EXPECT_EQ(minimum(), 5);
}

}  // namespace
