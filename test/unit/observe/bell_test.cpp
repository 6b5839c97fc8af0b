#include "observe/bell.hpp"

#include <gtest/gtest.h>

#include <future>

namespace observe {
namespace {

constexpr base::Millis kForever{20'000};

TEST(ObserveBell, RingBetweenTheLookAndTheWaitIsHeard) {
  Bell bell;
  const auto seen = bell.rung();
  bell.ring();
  const auto begin = std::chrono::steady_clock::now();
  bell.wait(seen, {}, kForever);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kForever);
}

TEST(ObserveBell, WakesEveryoneWhoWaits) {
  Bell bell;
  const auto seen = bell.rung();
  auto wait = [&] { bell.wait(seen, {}, kForever); };
  auto first = std::async(std::launch::async, wait);
  auto second = std::async(std::launch::async, wait);
  bell.ring();
  EXPECT_EQ(first.wait_for(kForever / 2), std::future_status::ready);
  EXPECT_EQ(second.wait_for(kForever / 2), std::future_status::ready);
}

TEST(ObserveBell, StopEndsTheWait) {
  Bell bell;
  std::stop_source stop;
  auto waiting = std::async(std::launch::async, [&] { bell.wait(bell.rung(), stop.get_token(), kForever); });
  stop.request_stop();
  EXPECT_EQ(waiting.wait_for(kForever / 2), std::future_status::ready);
}

TEST(ObserveBell, TimeEndsTheWait) {
  Bell bell;
  bell.wait(bell.rung(), {}, base::Millis{1});
  EXPECT_EQ(bell.rung(), 0u);
}

}  // namespace
}  // namespace observe
