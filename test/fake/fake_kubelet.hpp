// Scheduler and kubelet in one: runs the pods of a FakeCluster by the behaviour of their images, and writes what a kubelet
// writes. All state is in the pods. Times in objects have whole seconds, so lives are counted from the second in which they
// began.
#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "fake/behaviour.hpp"
#include "fake/fake_cluster.hpp"

namespace fake {

class FakeKubelet {
 public:
  explicit FakeKubelet(FakeCluster& cluster) : cluster_(cluster), actor_(cluster.as_user("kubelet")) {}

  // From the next step on, also for containers that run already. Without one an image is Healthy.
  void behave(const std::string& image, Behaviour behaviour) { behaviours_[image] = std::move(behaviour); }
  void restart_after(Millis back_off) { back_off_ = back_off; }  // of a crash; 0: at the next step
  void terminate_after(Millis grace) { grace_ = grace; }         // how long a deleted pod stays
  // Each container makes at most one transition: running -> terminated -> waiting (CrashLoopBackOff) -> running.
  void step(base::Instant now);

 private:
  const Behaviour& behaviour_of(const nlohmann::json& container) const;
  bool is_untouched(const nlohmann::json& pod) const;
  bool is_unschedulable(const nlohmann::json& pod) const;
  void advance(const nlohmann::json& pod, base::Instant now);
  nlohmann::json next_status(const nlohmann::json& pod, base::Instant now) const;
  nlohmann::json next_containers(const nlohmann::json& specs, const nlohmann::json& statuses, base::Instant now) const;
  nlohmann::json next_container(const nlohmann::json& spec, nlohmann::json status, base::Instant now) const;
  nlohmann::json next_init_containers(const nlohmann::json& pod, base::Instant now) const;

  FakeCluster& cluster_;
  Actor actor_;
  std::map<std::string, Behaviour> behaviours_;
  Millis back_off_{0};
  Millis grace_{0};
};

}  // namespace fake
