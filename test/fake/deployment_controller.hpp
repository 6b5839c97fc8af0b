// Deployments, their autoscalers, ReplicaSets and pods over a FakeCluster, step by step and always the same way. test/contract
// holds the numbering of revisions to the real controller. Not played: adopting orphans, scaling in proportion during a
// rollout, collisions, metrics of autoscalers.
#pragma once

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "fake/behaviour.hpp"
#include "fake/fake_cluster.hpp"
#include "fake/fake_kubelet.hpp"
#include "fake/rollout.hpp"

namespace fake {

class DeploymentController {
 public:
  explicit DeploymentController(FakeCluster& cluster)
      : cluster_(cluster), actor_(cluster.as_user("kube-controller-manager")), kubelet_(cluster) {}

  // One round: each Deployment takes one action, ReplicaSets make or drop pods, containers make one transition, all is counted.
  void step(base::Instant now);
  // Rounds at this instant until one changes nothing; throws std::runtime_error if they never do.
  void settle(base::Instant now);

  void behave(const std::string& image, Behaviour behaviour) { kubelet_.behave(image, std::move(behaviour)); }
  [[nodiscard]] FakeKubelet& kubelet() { return kubelet_; }

 private:
  void autoscale();

  struct View {
    nlohmann::json deployment;
    Sets all;                // oldest first
    Sets old;                // all but `current`
    nlohmann::json current;  // null if no ReplicaSet has the present template
  };

  View look(const nlohmann::json& deployment) const;
  void sync(const nlohmann::json& deployment, base::Instant now);
  // Each returns true if it has acted: the rest waits for the next step.
  bool note_pause(const View& view, base::Instant now);
  bool adopt_revision(const View& view, base::Instant now);
  bool create_current(const View& view, base::Instant now);
  bool roll(const View& view);
  bool recreate(const View& view);
  bool scale_while_paused(const View& view);
  bool scale(const View& view, const nlohmann::json& set, int replicas);
  void clean_up(const View& view);
  void write_status(const View& view, base::Instant now);
  void update_status(const View& view, const std::function<void(nlohmann::json&)>& edit);

  FakeCluster& cluster_;
  Actor actor_;
  FakeKubelet kubelet_;
};

}  // namespace fake
