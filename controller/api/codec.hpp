// JSON texts of the API server into projections, and our own objects back. The wall of api/: library exceptions end here as
// Fault::Invalid naming the object. Absent and null fields are their defaults; a field of another type is treated as absent, so
// that no odd object stops a pass.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "api/policy.hpp"
#include "api/rollback.hpp"
#include "api/workload.hpp"
#include "base/result.hpp"

namespace api {

using base::Result;

[[nodiscard]] Result<Deployment> parse_deployment(std::string_view text);
[[nodiscard]] Result<ReplicaSet> parse_replica_set(std::string_view text);
[[nodiscard]] Result<Pod> parse_pod(std::string_view text);
[[nodiscard]] Result<RollbackPolicy> parse_policy(std::string_view text);
[[nodiscard]] Result<Rollback> parse_rollback(std::string_view text);

// Of a full object's /spec/template: what `parse_deployment` and `parse_replica_set` keep of it.
[[nodiscard]] Template project_template(nlohmann::json pod_template);

[[nodiscard]] nlohmann::json to_json(const PolicyStatus& status);
[[nodiscard]] nlohmann::json to_json(const RollbackStatus& status);
[[nodiscard]] nlohmann::json to_json(const RollbackSpec& spec);

// A Kubernetes quantity ("600M", "1.5Gi", "250m") as a number; nullopt for what apimachinery refuses.
[[nodiscard]] std::optional<double> parse_quantity(std::string_view text);

}  // namespace api
