// Pods and answers for the tests of observe/.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "api/workload.hpp"
#include "fake/manual_clock.hpp"
#include "observe/memory_source.hpp"
#include "wire/api.hpp"
#include "wire/http.hpp"

namespace given {

using api::Instant;
using std::chrono::seconds;

inline const Instant kNow = fake::kStart;

inline api::Ended ended(int exit_code, Instant finished, const std::string& reason = "Error") {
  return {exit_code, reason, finished};
}

struct Containers {
  static api::Container named(const std::string& name, int restarts) {
    api::Container out;
    out.name = name;
    out.restarts = restarts;
    return out;
  }
  static api::Container running(const std::string& name, int restarts = 0) {
    auto out = named(name, restarts);
    out.ready = true;
    return out;
  }
  static api::Container waiting(const std::string& name, const std::string& reason, int restarts = 0) {
    auto out = named(name, restarts);
    out.waiting = reason;
    return out;
  }
};

inline api::Pod pod(std::vector<api::Container> containers = {Containers::running("app")}) {
  api::Pod out;
  out.meta.ns = "shop";
  out.meta.name = "web-1";
  out.meta.uid = "p1";
  out.meta.created = kNow - seconds{3600};
  out.meta.controller = api::Owner{"ReplicaSet", "web-a", "set-a"};
  out.phase = "Running";
  out.containers = std::move(containers);
  return out;
}

inline api::Pod ready(api::Pod pod, Instant since) {
  pod.ready = true;
  pod.ready_changed = since;
  return pod;
}

// Its containers' probes fail.
inline api::Pod unready(api::Pod pod) {
  for (auto& container : pod.containers) container.ready = false;
  return pod;
}

// Answers in order; remembers what it was asked.
class ScriptedHttp final : public wire::Http {
 public:
  std::deque<wire::Result<wire::Response>> answers;
  std::vector<wire::Request> asked;
  std::function<void()> on_send = [] {};

  wire::Result<wire::Response> send(const wire::Request& request, std::stop_token) override {
    on_send();
    asked.push_back(request);
    auto answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
  wire::Result<wire::StreamEnd> stream(const wire::Request&, const wire::StreamSink&, std::stop_token) override {
    return base::fail(base::Fault::Invalid, "nothing is streamed here");
  }
};

// Answers `get` by "<plural>/<ns>/<name>/<subresource>?previous=<..>"; NotFound for the rest.
class ScriptedApi final : public wire::Api {
 public:
  std::map<std::string, wire::Result<std::string>> objects;
  std::vector<wire::Ref> asked;

  wire::Result<std::string> get(const wire::Ref& ref) override {
    asked.push_back(ref);
    std::string path = std::string(ref.kind.plural) + "/" + ref.ns + "/" + ref.name + "/" + ref.subresource;
    for (const auto& [name, value] : ref.query) path += name == "previous" ? "?previous=" + value : "";
    const auto found = objects.find(path);
    return found == objects.end() ? base::fail(base::Fault::NotFound, path) : found->second;
  }
  wire::Result<std::string> list(const wire::Collection&, int, const std::string&) override { return refused(); }
  wire::Result<void> watch(const wire::Collection&, const wire::WatchAsk&, const wire::LineSink&, std::stop_token) override {
    return refused();
  }
  wire::Result<std::string> create(const wire::Collection&, const std::string&) override { return refused(); }
  wire::Result<std::string> json_patch(const wire::Ref&, const std::string&) override { return refused(); }
  wire::Result<void> remove(const wire::Ref&, const std::string&) override { return refused(); }

 private:
  static tl::unexpected<base::Error> refused() { return base::fail(base::Fault::Invalid, "observe only reads objects"); }
};

// Samples per node; a node without any is unreachable. Thread-safe.
class FakeKubelets final : public observe::MetricSource {
 public:
  void set(const std::string& node, std::vector<observe::PodMemory> samples) {
    std::lock_guard hold(mutex_);
    samples_[node] = std::move(samples);
  }
  void on_read(std::function<void(const std::string& node, const std::stop_token&)> hook) { hook_ = std::move(hook); }
  [[nodiscard]] int reads_of(const std::string& node) const {
    std::lock_guard hold(mutex_);
    const auto found = reads_.find(node);
    return found == reads_.end() ? 0 : found->second;
  }
  observe::Result<std::vector<observe::PodMemory>> read(const std::string& node, std::stop_token stop) override {
    if (hook_) hook_(node, stop);
    std::lock_guard hold(mutex_);
    ++reads_[node];
    const auto found = samples_.find(node);
    if (found == samples_.end()) return base::fail(base::Fault::Unavailable, node + " does not answer");
    return found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<observe::PodMemory>> samples_;
  std::map<std::string, int> reads_;
  std::function<void(const std::string&, const std::stop_token&)> hook_;
};

}  // namespace given
