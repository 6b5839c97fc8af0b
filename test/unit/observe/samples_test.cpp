#include "observe/samples.hpp"

#include <gtest/gtest.h>

#include "unit/observe/given.hpp"

namespace observe {
namespace {

using base::Instant;
using given::kNow;
using std::chrono::seconds;

PodMemory sample(const std::string& pod, Instant taken, double rss = 1) { return {pod, "app", {taken, rss, rss}}; }

std::vector<decide::ContainerMemory> of(const Samples& samples, const std::string& pod) {
  std::vector<decide::ContainerMemory> out;
  samples.collect(pod, out);
  return out;
}

TEST(ObserveSamples, OnlyOfPodsThatSomebodyWants) {
  Samples samples;
  EXPECT_FALSE(samples.add(sample("p1", kNow)));
  EXPECT_TRUE(of(samples, "p1").empty());
  samples.hold("p1");
  samples.hold("p1");
  EXPECT_TRUE(samples.add(sample("p1", kNow)));
  samples.release("p1");
  ASSERT_EQ(of(samples, "p1").size(), 1u);
  samples.release("p1");
  EXPECT_TRUE(of(samples, "p1").empty());
}

TEST(ObserveSamples, TimesRiseStrictly) {
  Samples samples;
  samples.hold("p1");
  EXPECT_TRUE(samples.add(sample("p1", kNow, 1)));
  EXPECT_FALSE(samples.add(sample("p1", kNow, 2)));
  EXPECT_FALSE(samples.add(sample("p1", kNow - seconds{1}, 3)));
  EXPECT_TRUE(samples.add(sample("p1", kNow + seconds{1}, 4)));
  const auto kept = of(samples, "p1").at(0).samples;
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].rss_bytes, 1);
  EXPECT_EQ(kept[1].rss_bytes, 4);
}

TEST(ObserveSamples, TenMinutesAreKept) {
  Samples samples;
  samples.hold("p1");
  for (int i = 0; i <= 100; ++i) samples.add(sample("p1", kNow + seconds{10 * i}));
  const auto kept = of(samples, "p1").at(0).samples;
  EXPECT_EQ(kept.size(), 61u);
  EXPECT_EQ(kept.front().taken, kNow + seconds{400});
}

TEST(ObserveSamples, ContainersAreApart) {
  Samples samples;
  samples.hold("p1");
  samples.add(sample("p1", kNow));
  samples.add({"p1", "proxy", {kNow, 2, 2}});
  ASSERT_EQ(of(samples, "p1").size(), 2u);
  EXPECT_EQ(of(samples, "p1")[1].container, "proxy");
}

}  // namespace
}  // namespace observe
