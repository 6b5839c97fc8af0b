// The revert of a Deployment: the template of an old ReplicaSet in place of the present one, in one conditional write.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace act {

// Reads policy, Rollback, target and ReplicaSet live first; a difference from what the step was decided on is a Conflict.
[[nodiscard]] base::Result<void> revert_template(wire::Api& api, const decide::RevertTemplate& step);

// The write: /spec/template, the change-cause annotation, and last-applied-configuration where it exists; each under a `test`
// of its present value. No resourceVersion, for status and replicas change all the time; and everything else stays as it is.
[[nodiscard]] std::string revert_patch(const nlohmann::json& deployment, const nlohmann::json& replica_set);

}  // namespace act
