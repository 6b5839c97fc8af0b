#include "base/guarded.hpp"

#include <memory>
#include <string>
#include <thread>
#include <type_traits>

#include <gtest/gtest.h>

namespace {

TEST(Guarded, StartsWithTheValueGiven) {
  EXPECT_EQ(base::Guarded<int>().with([](int value) { return value; }), 0);
  EXPECT_EQ(base::Guarded<std::string>("a").with([](const std::string& value) { return value; }), "a");
}

TEST(Guarded, HandsOutTheValueItself) {
  base::Guarded<std::string> text;
  text.with([](std::string& value) { value = "b"; });
  const auto& seen = text;
  EXPECT_EQ(seen.with([](const std::string& value) { return value.size(); }), 1u);
}

TEST(Guarded, ConstantOneCannotBeChanged) {
  const base::Guarded<int> number(1);
  number.with([](auto& value) { static_assert(std::is_const_v<std::remove_reference_t<decltype(value)>>); });
}

TEST(Guarded, HoldsWhatCanOnlyBeMoved) {
  base::Guarded<std::unique_ptr<int>> owner(std::make_unique<int>(5));
  const auto taken = owner.with([](auto& value) { return std::move(value); });
  EXPECT_EQ(*taken, 5);
}

TEST(Guarded, LosesNoChangeBetweenThreads) {
  base::Guarded<int> sum;
  const auto work = [&] {
    for (int i = 0; i < 20'000; ++i) sum.with([](int& value) { ++value; });
  };
  {
    std::jthread one(work);
    std::jthread two(work);
  }
  EXPECT_EQ(sum.with([](int value) { return value; }), 40'000);
}

TEST(Guarded, IsUnlockedAfterAThrow) {
  base::Guarded<int> number;
  EXPECT_THROW(number.with([](int&) { throw 1; }), int);
  EXPECT_EQ(number.with([](int value) { return value; }), 0);
}

}  // namespace
