#include "observe/schedule.hpp"

#include <gtest/gtest.h>

namespace observe {
namespace {

Job memory(const std::string& node) { return {Job::What::Memory, {}, node, ""}; }
Job evidence(const std::string& run) { return {Job::What::Evidence, {"shop", "web"}, run, ""}; }

TEST(ObserveSchedule, GivesWhatIsDueLongestFirst) {
  Schedule book;
  book.want(memory("late"), Millis{20});
  book.want(memory("early"), Millis{10});
  EXPECT_FALSE(book.take(Lane::Sampling, Millis{9}));
  EXPECT_EQ(book.next(Lane::Sampling), Millis{10});
  EXPECT_EQ(book.take(Lane::Sampling, Millis{20}), memory("early"));
  EXPECT_EQ(book.take(Lane::Sampling, Millis{20}), memory("late"));
  EXPECT_FALSE(book.take(Lane::Sampling, Millis{20}));
  EXPECT_FALSE(book.next(Lane::Sampling));
}

TEST(ObserveSchedule, WantingAgainChangesNothing) {
  Schedule book;
  book.want(memory("n"), Millis{10});
  book.want(memory("n"), Millis{0});
  EXPECT_FALSE(book.take(Lane::Sampling, Millis{9}));
  ASSERT_TRUE(book.take(Lane::Sampling, Millis{10}));
  book.want(memory("n"), Millis{0});  // under way
  EXPECT_FALSE(book.take(Lane::Sampling, Millis{10}));
}

TEST(ObserveSchedule, ComesBackWhenToldTo) {
  Schedule book;
  book.want(memory("n"), Millis{0});
  ASSERT_TRUE(book.take(Lane::Sampling, Millis{0}));
  book.finish(memory("n"), Millis{10}, Pace::Quick);
  EXPECT_EQ(book.next(Lane::Sampling), Millis{10});
  ASSERT_TRUE(book.take(Lane::Sampling, Millis{10}));
  book.finish(memory("n"), std::nullopt, Pace::Quick);
  EXPECT_FALSE(book.next(Lane::Sampling));
}

TEST(ObserveSchedule, DroppedIsGone) {
  Schedule book;
  book.want(memory("waits"), Millis{0});
  book.drop(memory("waits"));
  EXPECT_FALSE(book.take(Lane::Sampling, Millis{0}));
  book.want(memory("runs"), Millis{0});
  ASSERT_TRUE(book.take(Lane::Sampling, Millis{0}));
  book.drop(memory("runs"));
  book.finish(memory("runs"), Millis{1}, Pace::Quick);
  EXPECT_FALSE(book.next(Lane::Sampling));
}

TEST(ObserveSchedule, DroppedAndWantedWhileItRunsGoesOn) {
  Schedule book;
  book.want(memory("n"), Millis{0});
  ASSERT_TRUE(book.take(Lane::Sampling, Millis{0}));
  book.drop(memory("n"));
  book.want(memory("n"), Millis{0});
  EXPECT_FALSE(book.take(Lane::Sampling, Millis{0}));
  book.finish(memory("n"), Millis{10}, Pace::Quick);
  EXPECT_EQ(book.next(Lane::Sampling), Millis{10});
}

TEST(ObserveSchedule, EvidenceHasItsOwnLane) {
  Schedule book;
  book.want(memory("n"), Millis{0});
  book.want(evidence("r"), Millis{5});
  EXPECT_EQ(book.next(Lane::Evidence), Millis{5});
  EXPECT_EQ(book.take(Lane::Evidence, Millis{5}), evidence("r"));
  EXPECT_EQ(book.take(Lane::Sampling, Millis{5}), memory("n"));
}

TEST(ObserveSchedule, AtMostTwoSlowOnesRunAtOnce) {
  Schedule book;
  for (const std::string node : {"s1", "s2", "s3"}) {
    book.want(memory(node), Millis{0});
    ASSERT_EQ(book.take(Lane::Sampling, Millis{0}), memory(node));
    book.finish(memory(node), Millis{10}, Pace::Slow);
  }
  book.want(memory("quick"), Millis{11});
  EXPECT_EQ(book.take(Lane::Sampling, Millis{20}), memory("s1"));
  EXPECT_EQ(book.take(Lane::Sampling, Millis{20}), memory("s2"));
  EXPECT_EQ(book.next(Lane::Sampling), Millis{11});
  EXPECT_EQ(book.take(Lane::Sampling, Millis{20}), memory("quick"));
  EXPECT_FALSE(book.take(Lane::Sampling, Millis{20}));
  EXPECT_FALSE(book.next(Lane::Sampling));             // nothing may run, so nobody need look
  book.finish(memory("s1"), Millis{30}, Pace::Quick);  // it has recovered
  EXPECT_EQ(book.take(Lane::Sampling, Millis{20}), memory("s3"));
  EXPECT_EQ(book.take(Lane::Sampling, Millis{30}), memory("s1"));
}

TEST(ObserveSchedule, SlowOneThatIsDroppedGivesItsPlaceBack) {
  Schedule book;
  for (const std::string node : {"s1", "s2", "s3"}) {
    book.want(memory(node), Millis{0});
    ASSERT_TRUE(book.take(Lane::Sampling, Millis{0}));
    book.finish(memory(node), Millis{10}, Pace::Slow);
  }
  ASSERT_TRUE(book.take(Lane::Sampling, Millis{10}));
  ASSERT_TRUE(book.take(Lane::Sampling, Millis{10}));
  book.drop(memory("s1"));
  book.finish(memory("s1"), Millis{20}, Pace::Slow);
  EXPECT_EQ(book.take(Lane::Sampling, Millis{10}), memory("s3"));
}

}  // namespace
}  // namespace observe
