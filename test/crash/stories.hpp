// The stories that are cut at every write.
#pragma once

#include "crash/scenario.hpp"

namespace crash {

[[nodiscard]] std::vector<Scenario> stories();

// Deployment "web" is the canary, with so many percent; what "stable" serves is not touched. The router takes every generation
// at once.
void split(Stage& stage, int canary = 10);

}  // namespace crash
