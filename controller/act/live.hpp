// Live reads right before a write, and the write. What is gone, or is no longer the very object that the step was decided on,
// is a Conflict: the pass looks again and decides again. The wall of act/: whatever the server sends, nothing is thrown.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace act {

using base::Result;
using nlohmann::json;

// "Deployment shop/web": for messages.
[[nodiscard]] std::string describe(const wire::Ref& ref);

[[nodiscard]] Result<json> read_live(wire::Api& api, const wire::Ref& ref, const std::string& uid);
// The same, and its spec is still the one that was seen.
[[nodiscard]] Result<void> check_unchanged(wire::Api& api, const wire::Ref& ref, const std::string& uid,
                                           std::int64_t generation);

// One JSON patch; what the server stored is not looked at.
[[nodiscard]] Result<void> write(wire::Api& api, const wire::Ref& ref, const std::string& patch);

// The value at a path of keys; null if there is none.
[[nodiscard]] const json& at(const json& object, std::initializer_list<std::string_view> path);
// A string at a path; "" if there is none.
[[nodiscard]] std::string text_at(const json& object, std::initializer_list<std::string_view> path);

[[nodiscard]] wire::Ref target_of(const decide::OnBadTarget& step);
// The target as it is now. Fault::Conflict if policy, Rollback, target or its template are not those that the step was made
// for.
[[nodiscard]] Result<json> read_bad_target(wire::Api& api, const decide::OnBadTarget& step);

}  // namespace act
