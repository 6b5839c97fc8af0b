#include "act/actor.hpp"

#include "unit/act/given.hpp"

namespace {

using namespace std::chrono_literals;
using act::Actor;
using base::Fault;
using testing::IsEmpty;
using testing::SizeIs;

class ActorTest : public act_test::Shipped {
 protected:
  Actor actor{cluster, clock};
};

TEST_F(ActorTest, DoesTheStepsInOrder) {
  const auto done = actor.perform({step(), give_back()});
  EXPECT_FALSE(done.failed);
  EXPECT_THAT(done.left, IsEmpty());
  EXPECT_FALSE(done.again);
  EXPECT_EQ(web()["spec"]["template"], good_template);
  EXPECT_THAT(cluster.writes(), SizeIs(2));
}

TEST_F(ActorTest, TheFirstFailureEndsThePlan) {
  auto stale = step();
  stale.to_uid = "other";
  const auto failed = actor.perform({give_back(), stale, step()}).failed;
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->step, 1U);
  EXPECT_EQ(failed->error.fault, Fault::Conflict);
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

// Whatever keeps ownership or a minimum from being given back, the rollback goes on, and what is refused is no write in each
// pass.
TEST_F(ActorTest, WhatOnlyTidiesUpStopsNothingAndRestsOnceItIsRefused) {
  ASSERT_FALSE(actor.perform({step()}).failed);
  cluster.fail_next(fake::calls_to("patch", wire::kDeployments), Fault::Invalid);
  const auto first = actor.perform({give_back()});
  EXPECT_FALSE(first.failed);
  ASSERT_THAT(first.left, SizeIs(1));
  EXPECT_EQ(first.left.front().error.fault, Fault::Invalid);
  EXPECT_EQ(first.again, 5s);
  clock.advance_boot(4s);
  const auto resting = actor.perform({give_back()});
  EXPECT_THAT(resting.left, IsEmpty());
  EXPECT_EQ(resting.again, 1s);
  EXPECT_THAT(cluster.writes(), SizeIs(2)) << "the refused one among them";
  clock.advance_boot(1s);
  EXPECT_FALSE(actor.perform({give_back()}).again);
  EXPECT_THAT(cluster.writes(), SizeIs(3));
}

TEST_F(ActorTest, WhatCarriesTheRollbackOutComesFirst) {
  cluster.fail_next(fake::calls_to("patch", wire::kDeployments), Fault::Unavailable);
  const auto failed = actor.perform({give_back(), step()}).failed;
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->step, 1U);
}

TEST_F(ActorTest, AnEmptyPlanIsDone) { EXPECT_FALSE(actor.perform({}).failed); }

// Killed after the server has committed: the next pass plans the step again, and finds it done by the live template.
TEST_F(ActorTest, AKillAfterTheWriteLeavesOneWrite) {
  const auto plan = step();
  cluster.cut_after(1);
  EXPECT_THROW((void)actor.perform({plan}), fake::Cut);
  cluster.revive();
  EXPECT_EQ(actor.perform({plan}).failed->error.fault, Fault::Conflict);
  EXPECT_EQ(web()["spec"]["template"], good_template);
  EXPECT_THAT(cluster.writes(), SizeIs(1));
}

}  // namespace
