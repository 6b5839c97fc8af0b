// What `helm test` finds wrong, one thing at a time, and that it is content when nothing is.
#include "run/check.hpp"

#include <gmock/gmock.h>

#include "fake/fake_cluster.hpp"
#include "fake/manual_clock.hpp"
#include "fake/objects.hpp"
#include "wire/lease.hpp"

namespace {

using testing::HasSubstr;

class CheckTest : public testing::Test {
 protected:
  void ready(int pods) {
    auto user = cluster_.as_user();
    const wire::Ref ref{wire::kDeployments, fake::kNamespace, "rollback-controller", "", {}};
    if (!user.find(ref)) user.create(fake::deployment_json("rollback-controller", "localhost/rollback-controller:dev"));
    user.update({ref.kind, ref.ns, ref.name, "status", {}},
                [&](nlohmann::json& object) { object["status"] = {{"readyReplicas", pods}}; });
  }
  void renew() {
    std::ignore = lease_.step();
    clock_.advance(base::Millis{2'000});  // a renewal of the same time would change nothing
  }
  std::string error() {
    const auto found = check_.look();
    return found ? "none" : found.error().what;
  }

  fake::ManualClock clock_;
  fake::FakeCluster cluster_{clock_};
  wire::Lease lease_{cluster_, {fake::kNamespace, "rollback-controller", "pod-1"}, clock_};
  run::Check check_{cluster_, fake::kNamespace, "rollback-controller", "rollback-controller"};
};

TEST_F(CheckTest, IsContentOnceTheLeaseWasRenewed) {
  ready(2);
  renew();
  EXPECT_THAT(error(), HasSubstr("nobody renews the Lease"));
  renew();
  const auto found = check_.look();
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(*found, "at work: the CRDs are served, 2 pods are ready, pod-1 leads");
}

TEST_F(CheckTest, MissesTheCrds) {
  ready(1);
  cluster_.fail_next(fake::calls_to("list", wire::kRollbacks), base::Fault::NotFound);
  EXPECT_THAT(error(), HasSubstr("rollbacks are not served: install the CRDs"));
}

TEST_F(CheckTest, MissesAReadyPod) {
  EXPECT_THAT(error(), HasSubstr("rollback-controller"));
  ready(0);
  renew();
  EXPECT_THAT(error(), HasSubstr("no pod of the Deployment"));
}

TEST_F(CheckTest, ALeaseThatWasGivenUpIsNobodys) {
  ready(1);
  renew();
  EXPECT_THAT(error(), HasSubstr("nobody renews"));
  lease_.release();
  EXPECT_THAT(error(), HasSubstr("(holder '')"));
}

}  // namespace
