// Whether a breach becomes a Rollback, and if not, why not: the guards, in their order.
#pragma once

#include <optional>
#include <string>

#include "decide/decide.hpp"
#include "decide/judge.hpp"
#include "decide/revision.hpp"

namespace decide {

struct Firing {
  bool triggered = false;
  const char* reason = nullptr;  // of the condition Triggered
  std::string message;
  const char* stalled = nullptr;  // reason of Stalled, null if not stalled
  std::string stalled_message;
  std::optional<CreateRollback> create;
  std::optional<Instant> look_again = std::nullopt;  // when what stands in the way ends by itself
};

// `findings` are those of `bench`.
[[nodiscard]] Firing fire(const Bench& bench, const std::vector<Finding>& findings, const Marks& marks);

}  // namespace decide
