// Each trigger judged on the current revision: three-valued, total, with reasons.
#pragma once

#include <limits>
#include <vector>

#include "decide/decide.hpp"
#include "decide/revision.hpp"

namespace decide {

// What the judges look at. `tracked` is the policy status with the target's tracking already brought up to date (track.hpp).
struct Bench {
  const Snapshot& world;
  const api::RollbackPolicy& policy;
  const Revision& current;
  const api::PolicyStatus& tracked;
  bool proven = false;     // marked good: some pod of it stayed ready for soakSeconds
  bool known_bad = false;  // its fingerprint fired before: the first failure or breached sample is enough
  Instant now{};
};

[[nodiscard]] Finding judge(const api::Trigger& trigger, const Bench& bench);
[[nodiscard]] std::vector<Finding> judge_all(const Bench& bench);

// The failures that count against the current revision, oldest first: remembered and newly seen, each once; from its reign
// only; with those lost readinesses of 10 s that no counted end of the pod explains.
[[nodiscard]] std::vector<api::Failure> counted_failures(const Bench& bench);

// Since the current revision appeared, half or more of the other revisions' pods fail the same trigger.
[[nodiscard]] bool others_fail_alike(const api::Trigger& trigger, const Bench& bench);

// progressDeadlineSeconds of a Deployment that says it has none.
inline constexpr int kNoProgressDeadline = std::numeric_limits<int>::max();

// The deadline in force: a progressDeadlineSeconds of the Deployment above its default of 600 replaces a smaller one.
[[nodiscard]] Seconds progress_deadline(const api::ProgressTrigger& rule, const api::Deployment& target);

}  // namespace decide
