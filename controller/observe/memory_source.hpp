// How much memory the containers of a node use.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "decide/snapshot.hpp"
#include "wire/api.hpp"
#include "wire/http.hpp"

namespace observe {

using base::Result;

struct PodMemory {
  std::string pod_uid;
  std::string container;
  decide::MemorySample sample;  // NaN: not measured
};

// The port. Thread rule: safe from every thread; a call blocks for seconds at most.
class MetricSource {
 public:
  virtual ~MetricSource() = default;
  [[nodiscard]] virtual Result<std::vector<PodMemory>> read(const std::string& node, std::stop_token stop) = 0;
};

// For an operator that may not ask kubelets: every read says why.
class NoSource final : public MetricSource {
 public:
  explicit NoSource(std::string why) : why_(std::move(why)) {}
  Result<std::vector<PodMemory>> read(const std::string&, std::stop_token) override {
    return base::fail(base::Fault::Forbidden, why_);
  }

 private:
  const std::string why_;
};

// Asks the node's kubelet itself, at the address that its Node object names. `http` must verify the kubelet's certificate;
// `token` gives a current one of ours. Forbidden names the right that is missing: `get nodes`, or `get nodes/stats`.
class KubeletSource final : public MetricSource {
 public:
  KubeletSource(wire::Api& api, wire::Http& http, std::function<std::string()> token, const base::Clock& clock);
  Result<std::vector<PodMemory>> read(const std::string& node, std::stop_token stop) override;

 private:
  struct Address {
    std::string host;  // of a URL, with its port
    base::Instant until{};
  };
  Result<std::string> host_of(const std::string& node);
  Result<std::string> ask(const std::string& node, const std::string& host, std::stop_token stop);

  wire::Api& api_;
  wire::Http& http_;
  const std::function<std::string()> token_;
  const base::Clock& clock_;
  base::Guarded<std::map<std::string, Address>> addresses_;
};

}  // namespace observe
