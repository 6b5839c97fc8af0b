// The last words of pods that are about to go.
#pragma once

#include <string>
#include <vector>

#include "api/rollback.hpp"
#include "wire/api.hpp"

namespace observe {

enum class EvidenceLines { Full, StatusOnly };  // StatusOnly: no log line leaves the pod

inline constexpr size_t kMostEvidencePods = 3;
inline constexpr size_t kMostEvidenceBytes = 32 * 1024;  // of all lines together

// Fills in the last 20 lines of each container, of the instance that runs and of the one before: whole lines where they fit,
// what is not UTF-8 or controls a terminal replaced. Best effort: a log that can't be read stays empty. Pods beyond the third
// are left out.
[[nodiscard]] std::vector<api::PodEvidence> fetch_evidence(wire::Api& api, const std::string& ns,
                                                           std::vector<api::PodEvidence> pods, EvidenceLines lines);

}  // namespace observe
