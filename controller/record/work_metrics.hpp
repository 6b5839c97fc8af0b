// Passes and their queue, under the names that controller-runtime gives them, so that dashboards made for it work. Thread rule:
// safe from every thread.
#pragma once

#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "base/clock.hpp"

namespace record {

using base::Millis;

class WorkMetrics {
 public:
  explicit WorkMetrics(prometheus::Registry& registry);

  void workers(int most);
  void added();               // a key was put into the queue
  void taken(Millis waited);  // and out of it, this long after it was due
  void depth(std::size_t keys);
  // `result`: success, requeue, requeue_after, error, or terminal_error for an error that only an edit can heal.
  void ended(std::string_view result, Millis took);
  void panicked();  // a pass threw
  // Now: workers with a pass, the sum of the times that these have lasted, and the longest of them.
  void busy(int active, Millis sum, Millis longest);

 private:
  // Own synchronisation.
  prometheus::Family<prometheus::Counter>& results_;
  prometheus::Counter& errors_;
  prometheus::Counter& terminal_errors_;
  prometheus::Counter& panics_;
  prometheus::Histogram& pass_time_;
  prometheus::Gauge& workers_;
  prometheus::Gauge& active_;
  prometheus::Gauge& depth_;
  prometheus::Counter& adds_;
  prometheus::Histogram& waits_;
  prometheus::Histogram& work_time_;
  prometheus::Gauge& unfinished_;
  prometheus::Gauge& longest_;
  prometheus::Counter& retries_;
};

}  // namespace record
