// What the change of one pod says about its revision. Pure: the pod before (nullptr: seen for the first time), the pod after,
// and when it was seen. `revision_uid` is the ReplicaSet that owns the pod.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/policy.hpp"
#include "api/workload.hpp"
#include "decide/snapshot.hpp"

namespace observe {

using base::Instant;

// The failures that this change adds. One failure is one of
// - an end of a container, id `<pod uid>/<container>/<n>` where n counts the ends from 1: any end of an app container or a
// sidecar,
//   of an init container one with an exit code other than 0;
// - an entry into a waiting error (image, configuration, creation), id `<pod uid>/<container>/waiting/<restartCount>`; moving
// from one
//   such error to the next is no new entry;
// - the pod turned Failed and neither of the two explains it, id `<pod uid>/failed`.
// A pod seen for the first time gives only its last end, and errors from its creation time on; later every end counts, also
// those between two looks. A pod that is deleted, disrupted or ended by its node gives nothing: that is not its revision's
// fault.
[[nodiscard]] std::vector<api::Failure> failures_of(const api::Pod* before, const api::Pod& after,
                                                    const std::string& revision_uid, Instant seen);

// Set if the pod was Ready and is not any more, by no fault of its node.
[[nodiscard]] std::optional<decide::LostReady> lost_ready(const api::Pod* before, const api::Pod& after,
                                                          const std::string& revision_uid, Instant seen);

// Being deleted, disrupted, or ended by its node: what happens to it says nothing about its revision.
[[nodiscard]] bool is_put_aside(const api::Pod& pod);

}  // namespace observe
