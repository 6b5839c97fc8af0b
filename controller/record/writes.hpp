// The writes of a recorder, each with what the server's refusals mean for it.
#pragma once

#include <nlohmann/json.hpp>

#include "api/rollback.hpp"
#include "base/result.hpp"
#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace record {

using base::Result;

enum class Wrote { Nothing, Something };

[[nodiscard]] Result<void> create_rollback(wire::Api& api, const api::Key& policy, const decide::CreateRollback& asked);

// Of the object as it was seen: another version of it is a Conflict.
[[nodiscard]] Result<Wrote> write_status(wire::Api& api, const wire::Kind& kind, const api::Meta& seen,
                                         const nlohmann::json& before, const nlohmann::json& after);

// What has gone by itself counts as removed.
[[nodiscard]] Result<Wrote> remove_rollback(wire::Api& api, const api::Rollback& run);

// One that is there already was said before.
[[nodiscard]] Result<Wrote> create_event(wire::Api& api, const nlohmann::json& event);

}  // namespace record
