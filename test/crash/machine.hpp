// A whole controller on a FakeCluster, in one thread: the same rooms as the process, driven by hand. Destroying it is the kill
// -9, making a new one is the restart.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "act/actor.hpp"
#include "fake/fake_cluster.hpp"
#include "fake/manual_clock.hpp"
#include "observe/observer.hpp"
#include "record/recorder.hpp"
#include "run/queue.hpp"
#include "run/reconcile.hpp"
#include "run/workers.hpp"
#include "run/write_through.hpp"

namespace crash {

// Readings that a test sets; a pod without one has none.
class Kubelets final : public observe::MetricSource {
 public:
  std::function<base::Result<std::vector<observe::PodMemory>>()> answer = [] { return std::vector<observe::PodMemory>{}; };
  base::Result<std::vector<observe::PodMemory>> read(const std::string&, std::stop_token) override { return answer(); }
};

// Pods that answer every check with this status.
class Pods final : public wire::Http {
 public:
  int status = 200;
  base::Result<wire::Response> send(const wire::Request&, std::stop_token) override { return wire::Response{status, {}, ""}; }
  base::Result<wire::StreamEnd> stream(const wire::Request&, const wire::StreamSink&, std::stop_token) override {
    return base::fail(base::Fault::Unavailable, "checks do not stream");
  }
};

class Machine {
 public:
  Machine(fake::FakeCluster& cluster, fake::ManualClock& clock, Kubelets& kubelets, Pods& pods);

  // Takes in what happened since the last call, runs the passes that are due and measures, until nothing is left to do now.
  void catch_up();
  void configure(observe::Hold hold) { hold_ = hold; }
  // While they are late, watches tell nothing; it comes afterwards, all at once.
  void watches_are_late(bool late) { late_ = late; }

 private:
  void list(const wire::Kind& kind);
  void take_in();

  fake::FakeCluster& cluster_;
  fake::ManualClock& clock_;
  observe::Hold hold_;
  bool late_ = false;
  std::map<std::string, std::int64_t> seen_;  // by kind
  run::WorkQueue queue_;
  observe::Cache cache_;
  run::WriteThrough api_;
  observe::Collector collector_;
  observe::Observer observer_;
  act::Actor actor_;
  record::Metrics metrics_;
  record::Recorder recorder_;
  run::Reconciler reconciler_;
  run::Workers workers_;
};

}  // namespace crash
