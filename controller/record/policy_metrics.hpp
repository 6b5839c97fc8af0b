// What is measured of policies and runs. Thread rule: safe from every thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "api/policy.hpp"
#include "base/guarded.hpp"
#include "decide/decide.hpp"

namespace record {

class PolicyMetrics {
 public:
  explicit PolicyMetrics(prometheus::Registry& registry);

  // The live values of a policy; what is not among them is shown no longer.
  void show(const api::Key& policy, const std::vector<decide::Finding>& findings);
  void forget(const api::Key& policy);

  // A run is now `after`; `policy`, absent if it is gone, tells the type of its trigger.
  void moved(const api::Rollback& run, const api::RollbackStatus& after, const std::optional<api::RollbackPolicy>& policy);
  void lost_event();

 private:
  struct Shown {  // by trigger
    std::map<std::string, prometheus::Gauge*> values;
    std::map<std::string, prometheus::Gauge*> verdicts;
  };

  // Own synchronisation.
  prometheus::Family<prometheus::Gauge>& values_;
  prometheus::Family<prometheus::Gauge>& verdicts_;
  prometheus::Family<prometheus::Counter>& rollbacks_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Counter& lost_events_;
  base::Guarded<std::map<api::Key, Shown>> shown_;
};

}  // namespace record
