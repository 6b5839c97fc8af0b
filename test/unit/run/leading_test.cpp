// When leadership is told, and that the lease is given up at the end.
#include "run/leading.hpp"

#include <gmock/gmock.h>

#include "fake/fake_cluster.hpp"
#include "fake/manual_clock.hpp"
#include "fake/objects.hpp"

namespace {

using testing::ElementsAre;

TEST(Leading, IsToldOnceAndAgainAfterAGap) {
  fake::ManualClock clock;
  fake::FakeCluster cluster{clock};
  wire::Lease lease(cluster, {fake::kNamespace, "rollback-controller", "me"}, clock);
  std::vector<bool> told;
  int rounds = 0;
  run::lead(
      lease, [&](bool leads) { told.push_back(leads); }, [&] { return rounds == 2; },  // work was let go after the second round
      [&](base::Millis rest, const std::stop_token&) {
        clock.advance(rest);
        return ++rounds < 4;
      },
      {});
  EXPECT_THAT(told, ElementsAre(true, true));
  EXPECT_FALSE(lease.may_write());
}

}  // namespace
