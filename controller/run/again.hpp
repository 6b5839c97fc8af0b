// When a key is looked at again: the one place where failures become retries.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace run {

struct Again {
  std::optional<base::Millis> after;  // nullopt: only a change wakes us
  friend bool operator==(const Again&, const Again&) = default;
};

// `attempt` counts the failures of this key in a row, from 0.
[[nodiscard]] base::Millis again_after(const base::Error& error, int attempt);

}  // namespace run
