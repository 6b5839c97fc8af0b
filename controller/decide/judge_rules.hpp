// The rule of each trigger type; only judge.cpp calls these.
#pragma once

#include "decide/judge.hpp"

namespace decide {

[[nodiscard]] Finding judge_memory(const std::string& name, const api::MemoryTrigger& rule, const Bench& bench);
[[nodiscard]] Finding judge_failures(const std::string& name, const api::FailuresTrigger& rule, const Bench& bench);
[[nodiscard]] Finding judge_progress(const std::string& name, const api::ProgressTrigger& rule, const Bench& bench);

// "; last: POD/CONTAINER: REASON" of what counts as a failure of the revision; "" if nothing does.
[[nodiscard]] std::string last_failure(const Bench& bench);

[[nodiscard]] bool memory_alike(const api::MemoryTrigger& rule, const Bench& bench);
[[nodiscard]] bool failures_alike(const api::FailuresTrigger& rule, const Bench& bench);
[[nodiscard]] bool progress_alike(const Bench& bench);

}  // namespace decide
