// What the policy's status remembers about the target: which revision is current and since when, how far its rollout came, how
// long it has been healthy. Pure: the status before in, the status after out.
#pragma once

#include "decide/decide.hpp"
#include "decide/revision.hpp"

namespace decide {

// A new uid or number of the current revision begins a new reign: nothing from before it counts. `current` may be null (view
// behind).
[[nodiscard]] api::PolicyStatus track(const Snapshot& world, const Revision* current, Instant now);

// A pod of it finds no node, although its template asks for no more than the one before: that is not the release's doing.
[[nodiscard]] bool waits_for_room(const Snapshot& world, const Revision& current);
// It has no pod yet because pods of others still end, as the strategy Recreate wants it.
[[nodiscard]] bool waits_for_the_old(const Snapshot& world, const Revision& current);

// Findings on the current revision: healthy-once, and soaking while it is completely available and nothing is breached.
void soak(api::PolicyStatus& status, const api::PolicySpec& spec, const api::Deployment& target,
          const std::vector<Finding>& findings, Instant now);
[[nodiscard]] bool soaked(const api::PolicyStatus& status, const api::PolicySpec& spec, Instant now);

// Triggers' verdicts as status keeps them: rewritten when the verdict or its reason changes, and every 30 s while Breached.
[[nodiscard]] std::vector<api::TriggerStatus> keep_verdicts(const std::vector<api::TriggerStatus>& before,
                                                            const std::vector<Finding>& findings, Instant now);

// The rollout of the target's template is done: seen by the Deployment controller, every replica updated and available, none
// other left.
[[nodiscard]] bool rolled_out(const api::Deployment& target);

}  // namespace decide
