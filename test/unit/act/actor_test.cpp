#include "act/actor.hpp"

#include "unit/act/given.hpp"

namespace {

using act::Actor;
using base::Fault;
using testing::IsEmpty;
using testing::SizeIs;

class ActorTest : public act_test::Shipped {
 protected:
  Actor actor{cluster};
};

TEST_F(ActorTest, DoesTheStepsInOrder) {
  EXPECT_FALSE(actor.perform({step(), give_back()}));
  EXPECT_EQ(web()["spec"]["template"], good_template);
  EXPECT_THAT(cluster.writes(), SizeIs(2));
}

TEST_F(ActorTest, TheFirstFailureEndsThePlan) {
  auto stale = step();
  stale.to_uid = "other";
  const auto failed = actor.perform({give_back(), stale, step()});
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->step, 1U);
  EXPECT_EQ(failed->error.fault, Fault::Conflict);
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

TEST_F(ActorTest, AnEmptyPlanIsDone) { EXPECT_FALSE(actor.perform({})); }

// Killed after the server has committed: the next pass plans the step again, and finds it done by the live template.
TEST_F(ActorTest, AKillAfterTheWriteLeavesOneWrite) {
  const auto plan = step();
  cluster.cut_after(1);
  EXPECT_THROW((void)actor.perform({plan}), fake::Cut);
  cluster.revive();
  EXPECT_EQ(actor.perform({plan})->error.fault, Fault::Conflict);
  EXPECT_EQ(web()["spec"]["template"], good_template);
  EXPECT_THAT(cluster.writes(), SizeIs(1));
}

}  // namespace
