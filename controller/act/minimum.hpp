// The minimum of a HorizontalPodAutoscaler. Each write reads it afresh, and writes once or, where it is done already, not at
// all. Fault::Conflict: what was looked at has changed.
#pragma once

#include "base/result.hpp"
#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace act {

[[nodiscard]] base::Result<void> raise_minimum(wire::Api& api, const decide::RaiseMinimum& step);

// One that somebody has changed since it was raised is theirs, and stays.
[[nodiscard]] base::Result<void> restore_minimum(wire::Api& api, const decide::RestoreMinimum& step);

}  // namespace act
