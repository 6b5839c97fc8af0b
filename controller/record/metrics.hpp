// Everything on /metrics; doc/metrics.md lists each series' name, type, labels and meaning (tested). Whatever can be named
// beforehand stands at zero from the start. Thread rule: safe from every thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "record/policy_metrics.hpp"
#include "record/work_metrics.hpp"

namespace record {

class Metrics {
 public:
  // `api_host`: host and port of the API server, for the label of its requests.
  explicit Metrics(const std::string& version, const std::string& api_host = "");

  void reconciled(std::string_view result, Millis took) { work_.ended(result, took); }
  void queued(std::size_t depth) { work_.depth(depth); }
  void requested(std::string_view method, int code);  // to the API server; code 0: no answer
  void leading(bool leads);

  [[nodiscard]] WorkMetrics& work() { return work_; }
  [[nodiscard]] PolicyMetrics& policies() { return policies_; }
  [[nodiscard]] std::string scrape() const;  // in the Prometheus text format

 private:
  const std::string api_host_;
  // Own synchronisation.
  prometheus::Registry registry_;
  WorkMetrics work_;
  PolicyMetrics policies_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Gauge& leader_;
};

}  // namespace record
