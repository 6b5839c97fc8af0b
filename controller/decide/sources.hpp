// The condition SourcesAvailable: whether what the triggers need can be measured.
#pragma once

#include "decide/snapshot.hpp"

namespace decide {

// By the verdicts and the words of `next`: a source that does not answer is told once the readings that are there no longer
// suffice, and told again only if it is another one or fails in another way.
[[nodiscard]] api::Condition sources(const Snapshot& world, const api::PolicyStatus& next);

}  // namespace decide
