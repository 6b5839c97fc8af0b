#include "record/work_metrics.hpp"

#include <string>

namespace record {
namespace {

constexpr const char* kName = "rollbackpolicy";
const prometheus::Labels kController{{"controller", kName}};
const prometheus::Labels kQueue{{"controller", kName}, {"name", kName}};

// The buckets of controller-runtime.
const prometheus::Histogram::BucketBoundaries kPassSeconds{
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5,
    1.75,  2.0,  2.5,   3.0,  3.5, 4.0,  4.5, 5,    6,   7,    8,   9,    10,  15,  20,  25,  30,  40,  50,   60};
const prometheus::Histogram::BucketBoundaries kQueueSeconds{1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000};

double seconds(Millis time) { return std::chrono::duration<double>(time).count(); }

prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help,
                             const prometheus::Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}
prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help, const prometheus::Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}
prometheus::Histogram& histogram(prometheus::Registry& registry, const char* name, const char* help,
                                 const prometheus::Labels& labels, const prometheus::Histogram::BucketBoundaries& buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(labels, buckets);
}

prometheus::Labels result_labels(std::string_view result) { return {{"controller", kName}, {"result", std::string(result)}}; }

}  // namespace

WorkMetrics::WorkMetrics(prometheus::Registry& registry)
    : results_(prometheus::BuildCounter()
                   .Name("controller_runtime_reconcile_total")
                   .Help("Total number of reconciliations per controller")
                   .Register(registry)),
      errors_(counter(registry, "controller_runtime_reconcile_errors_total",
                      "Total number of reconciliation errors per controller", kController)),
      terminal_errors_(counter(registry, "controller_runtime_terminal_reconcile_errors_total",
                               "Total number of terminal reconciliation errors per controller", kController)),
      panics_(counter(registry, "controller_runtime_reconcile_panics_total",
                      "Total number of reconciliation panics per controller", kController)),
      pass_time_(histogram(registry, "controller_runtime_reconcile_time_seconds",
                           "Length of time per reconciliation per controller", kController, kPassSeconds)),
      workers_(gauge(registry, "controller_runtime_max_concurrent_reconciles",
                     "Maximum number of concurrent reconciles per controller", kController)),
      active_(
          gauge(registry, "controller_runtime_active_workers", "Number of currently used workers per controller", kController)),
      depth_(gauge(registry, "workqueue_depth", "Current depth of workqueue", kQueue)),
      adds_(counter(registry, "workqueue_adds_total", "Total number of adds handled by workqueue", kQueue)),
      waits_(histogram(registry, "workqueue_queue_duration_seconds",
                       "How long in seconds an item stays in workqueue before being requested", kQueue, kQueueSeconds)),
      work_time_(histogram(registry, "workqueue_work_duration_seconds",
                           "How long in seconds processing an item from workqueue takes", kQueue, kQueueSeconds)),
      unfinished_(gauge(registry, "workqueue_unfinished_work_seconds",
                        "How many seconds of work is in progress and hasn't been observed by work_duration", kQueue)),
      longest_(gauge(registry, "workqueue_longest_running_processor_seconds",
                     "How many seconds the longest running processor has been running", kQueue)),
      retries_(
          counter(registry, "workqueue_retries_total", "Total number of items added to the workqueue with a delay", kQueue)) {
  for (const char* result : {"success", "error", "requeue", "requeue_after"}) results_.Add(result_labels(result));
}

void WorkMetrics::workers(int most) { workers_.Set(most); }
void WorkMetrics::added() { adds_.Increment(); }
void WorkMetrics::taken(Millis waited) { waits_.Observe(seconds(waited)); }
void WorkMetrics::depth(std::size_t keys) { depth_.Set(static_cast<double>(keys)); }
void WorkMetrics::panicked() { panics_.Increment(); }

void WorkMetrics::ended(std::string_view result, Millis took) {
  const bool is_terminal = result == "terminal_error";
  results_.Add(result_labels(is_terminal ? "error" : result)).Increment();
  if (is_terminal || result == "error") errors_.Increment();
  if (is_terminal) terminal_errors_.Increment();
  if (result == "error" || result == "requeue_after") retries_.Increment();
  pass_time_.Observe(seconds(took));
  work_time_.Observe(seconds(took));
}

void WorkMetrics::busy(int active, Millis sum, Millis longest) {
  active_.Set(active);
  unfinished_.Set(seconds(sum));
  longest_.Set(seconds(longest));
}

}  // namespace record
