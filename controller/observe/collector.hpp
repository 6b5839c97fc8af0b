// Measures what policies want: memory of nodes, HTTP checks of pods, the last log lines of pods that go, routes, our own
// rights. One request per node, and one per right and namespace, however many policies look. What is slow or dead delays only
// itself: every request has a time limit, and those that were slow share two of the four threads. Evidence has a thread of its
// own. Thread rule: safe from every thread; `on_touched` is called without a lock, from the thread that measured.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "observe/bell.hpp"
#include "observe/cache.hpp"
#include "observe/evidence.hpp"
#include "observe/measurements.hpp"

namespace observe {

class Collector {
 public:
  struct Sources {
    MetricSource& memory;
    wire::Http& http;  // for the checks: plain http to pods
    wire::Api& api;    // for logs, routes, Services and questions about rights
  };
  // `on_touched` hears of each policy for which something new was measured.
  Collector(Sources sources, const base::Clock& clock, EvidenceLines lines, OnTouched on_touched);
  ~Collector();  // ends the requests under way

  // From now on the collector's own threads measure; without it `run_due` does, in the caller's thread (for tests).
  void start();
  // Everything that is due by Clock::boot, one after another; answers with the time until the next, nothing if there is none.
  std::optional<base::Millis> run_due();

  // What the policy wants, in place of what it wanted before. `memory_pods`: uids of the pods whose memory is of interest.
  void want(const api::Key& policy, decide::Wants wants, const std::vector<std::string>& memory_pods);
  [[nodiscard]] Readings readings(const api::Key& policy) const;

 private:
  void work(Lane lane, const std::stop_token& stop);
  [[nodiscard]] std::optional<base::Millis> until_next(Lane lane) const;
  void perform(const Task& task, const std::stop_token& stop);
  [[nodiscard]] std::set<api::Key> measure(const Task& task, const std::stop_token& stop);
  [[nodiscard]] Pace pace_of(const Task& task, bool was_answered) const;

  const Sources sources_;
  const base::Clock& clock_;
  const EvidenceLines lines_;
  const OnTouched on_touched_;
  base::Guarded<Measurements> measurements_;
  Bell bell_;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace observe
