// When to ask what: a book of jobs, each waiting until it is due or under way. Times are Clock::boot, which nobody sets. Not
// thread-safe: its owner's lock is around it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "api/meta.hpp"

namespace observe {

using base::Millis;

struct Job {
  enum class What { Memory, Probe, Evidence, Traffic, Rights };
  What what = What::Memory;
  api::Key policy;    // not of Memory: one request per node, however many policies look; of Rights the namespace alone
  std::string about;  // the node; the pod's uid; the Rollback's uid; the right
  std::string check;  // of Probe
  friend auto operator<=>(const Job&, const Job&) = default;
};

// Evidence dies with the pods, so it never waits for a place behind something else.
enum class Lane { Sampling, Evidence };
enum class Pace { Quick, Slow };

class Schedule {
 public:
  // At most this many jobs that were slow the last time run at once: the rest of the threads stays free for those that answer.
  static constexpr int kMostSlow = 2;

  void want(const Job& job, Millis due);  // leaves one alone that waits or is under way
  void drop(const Job& job);

  // The job that is due longest; it is under way until `finish`.
  [[nodiscard]] std::optional<Job> take(Lane lane, Millis now);
  // `again`: when it is due next, unless it was dropped meanwhile; nothing: never.
  void finish(const Job& job, std::optional<Millis> again, Pace pace);
  // When `take` may give one, as things stand.
  [[nodiscard]] std::optional<Millis> next(Lane lane) const;

 private:
  struct Entry {
    Millis due{};
    bool is_running = false;
    bool is_dropped = false;  // while it was running
    Pace pace = Pace::Quick;
  };
  using Queue = std::set<std::pair<Millis, Job>>;

  Queue& queue_of(const Job& job, const Entry& entry);
  [[nodiscard]] const Queue* earliest(Lane lane) const;

  std::map<Job, Entry> jobs_;
  Queue quick_, slow_, evidence_;  // those that wait
  int slow_running_ = 0;
};

}  // namespace observe
