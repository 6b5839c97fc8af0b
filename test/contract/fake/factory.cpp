#include <fmt/format.h>

#include "base/clock.hpp"
#include "contract/world.hpp"
#include "fake/deployment_controller.hpp"
#include "fake/fake_cluster.hpp"
#include "fake/manual_clock.hpp"

namespace contract {

namespace {

class FakeWorld final : public World {
 public:
  FakeWorld() {
    cluster_.end_watches();
    for (int i = 1; i < 10; ++i) controllers_.behave(fmt::format("localhost/app:{}", i), fake::Untouched{});
  }
  wire::Api& api() override { return cluster_; }
  const std::string& ns() const override { return ns_; }
  void tick() override {
    clock_.advance(base::Seconds{1});
    controllers_.step(clock_.now());
  }
  void deny_labelled() override {
    const auto denied = [this](const fake::Call& call) {
      if (call.verb != "patch" || call.kind != wire::kDeployments || call.ns != ns_) return false;
      const auto live = cluster_.as_user().find({call.kind, call.ns, call.name, "", {}});
      return live && live->value("/metadata/labels/denied"_json_pointer, "") == "yes";
    };
    cluster_.fail_next(denied, base::Fault::Invalid, fake::kAlways);
  }

 private:
  fake::ManualClock clock_;
  fake::FakeCluster cluster_{clock_};
  fake::DeploymentController controllers_{cluster_};
  std::string ns_ = "contract";
};

}  // namespace

std::unique_ptr<World> make() { return std::make_unique<FakeWorld>(); }

}  // namespace contract
