// What was seen to happen to the pods of one ReplicaSet: kept while the ReplicaSet or a pod of it exists, bounded in number and
// age.
#pragma once

#include <string>
#include <vector>

#include "observe/failures.hpp"

namespace observe {

inline constexpr size_t kMostFailures = 256;
inline constexpr base::Seconds kOldestFailure{86400};

class Ledger {
 public:
  // A pod changed, or was seen for the first time (`before` is nullptr).
  void note(const api::Pod* before, const api::Pod& after, const std::string& revision_uid, Instant seen);
  // A pod is gone. A loss of readiness that is still open was the beginning of its end.
  void note_gone(std::string_view pod_uid);

  [[nodiscard]] const std::vector<api::Failure>& failures() const { return failures_; }           // by time
  [[nodiscard]] const std::vector<decide::LostReady>& lost_ready() const { return lost_ready_; }  // in the order seen
  [[nodiscard]] bool seen_ready() const { return seen_ready_; }

 private:
  void add(api::Failure failure);
  void note_readiness(const api::Pod* before, const api::Pod& after, const std::string& revision_uid, Instant seen);

  std::vector<api::Failure> failures_;
  std::vector<decide::LostReady> lost_ready_;
  bool seen_ready_ = false;
};

// Drops what is older than kOldestFailure and, of the rest, all but the newest kMostFailures. `failures` is by time.
void keep_newest(std::vector<api::Failure>& failures, Instant now);

}  // namespace observe
