#include "run/queue.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "fake/manual_clock.hpp"

namespace {

using namespace std::chrono_literals;
using run::WorkQueue;

const api::Key kWeb{"shop", "web"};
const api::Key kDb{"shop", "db"};

struct QueueTest : testing::Test {
  fake::ManualClock clock;
  WorkQueue queue{clock};
  std::optional<api::Key> take() { return queue.try_take(); }
};

TEST_F(QueueTest, AKeyAddedTwiceComesOnce) {
  queue.add(kWeb);
  queue.add(kWeb);
  EXPECT_EQ(take(), kWeb);
  queue.done(kWeb);
  EXPECT_EQ(take(), std::nullopt);
}

TEST_F(QueueTest, AKeyIsNeverWithTwoWorkersAndComesAgainIfAddedMeanwhile) {
  queue.add(kWeb);
  EXPECT_EQ(take(), kWeb);
  queue.add(kWeb);
  EXPECT_EQ(take(), std::nullopt);
  queue.done(kWeb);
  EXPECT_EQ(take(), kWeb);
}

TEST_F(QueueTest, ALaterKeyWaitsForItsTime) {
  queue.add_after(kWeb, 10s);
  EXPECT_EQ(take(), std::nullopt);
  clock.advance(10s);
  EXPECT_EQ(take(), kWeb);
}

TEST_F(QueueTest, TheEarlierTimeStays) {
  queue.add(kWeb);
  queue.add_after(kWeb, 10s);
  EXPECT_EQ(take(), kWeb);
  queue.add_after(kWeb, 5s);
  queue.add_after(kWeb, 1s);
  queue.done(kWeb);
  clock.advance(1s);
  EXPECT_EQ(take(), kWeb);
}

TEST_F(QueueTest, WhatIsDueLongestComesFirst) {
  queue.add_after(kWeb, 2s);
  queue.add_after(kDb, 1s);
  clock.advance(3s);
  EXPECT_EQ(take(), kDb);
  EXPECT_EQ(take(), kWeb);
  EXPECT_EQ(queue.depth(), 0u);
}

TEST_F(QueueTest, NoEventShortensABackOffOfLessThanTenSeconds) {
  queue.back_off(kWeb, 500ms);
  queue.add(kWeb);
  clock.advance(499ms);
  EXPECT_EQ(take(), std::nullopt);
  clock.advance(1ms);
  EXPECT_EQ(take(), kWeb);
}

TEST_F(QueueTest, AnEventShortensALongerOneToTenSeconds) {
  queue.add(kWeb);
  EXPECT_EQ(take(), kWeb);
  queue.add(kWeb);  // while it is worked on
  queue.back_off(kWeb, 300s);
  queue.done(kWeb);
  queue.add(kWeb);
  clock.advance(9999ms);
  EXPECT_EQ(take(), std::nullopt);
  clock.advance(1ms);
  EXPECT_EQ(take(), kWeb);
  queue.add(kWeb);
  queue.done(kWeb);
  EXPECT_EQ(take(), kWeb) << "the back-off is over";
}

TEST_F(QueueTest, AWallClockThatIsSetBackPutsNothingOff) {
  queue.add_after(kWeb, 10s);
  clock.advance_wall(-3600s);
  clock.advance_boot(10s);
  EXPECT_EQ(take(), kWeb);
}

TEST(QueueThreads, ASleepingWorkerIsWokenByAddAndByStop) {
  base::SystemClock clock;
  WorkQueue queue{clock};
  std::optional<api::Key> first;
  std::optional<api::Key> second = kDb;
  std::jthread worker([&](const std::stop_token& stop) {
    first = queue.take(stop);
    second = queue.take(stop);
  });
  queue.add(kWeb);
  worker.request_stop();
  worker.join();
  // The stop may win over the key; a key that was taken is the one that was added, and nothing comes after the stop.
  EXPECT_THAT(first, testing::AnyOf(std::nullopt, testing::Optional(kWeb)));
  EXPECT_EQ(second, std::nullopt);
}

// Who has a key stays with it until the other key is taken too: a wake that is lost leaves that one lying for a minute, the
// longest that a worker sleeps.
TEST(QueueThreads, NoKeyIsLeftLyingWhileAWorkerSleeps) {
  base::SystemClock clock;
  WorkQueue queue{clock};
  std::atomic<int> wanted = 0;
  std::atomic<int> taken = 0;
  const auto work = [&](const std::stop_token& stop) {
    while (const auto key = queue.take(stop)) {
      const int both = wanted;
      ++taken;
      while (taken < both && !stop.stop_requested()) std::this_thread::yield();
      queue.done(*key);
    }
  };
  std::vector<std::jthread> workers(2);
  for (auto& worker : workers) worker = std::jthread(work);
  const auto until = clock.boot() + 30s;
  for (int round = 0; round < 20; ++round) {
    wanted += 2;
    queue.add_after(kWeb, 1ms);
    queue.add_after(kDb, 2ms);
    while (taken < wanted && clock.boot() < until) std::this_thread::yield();
    ASSERT_EQ(taken, wanted) << "in round " << round;
  }
}

}  // namespace
