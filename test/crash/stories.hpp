// The stories that are cut at every write.
#pragma once

#include "crash/scenario.hpp"

namespace crash {

[[nodiscard]] std::vector<Scenario> stories();

}  // namespace crash
