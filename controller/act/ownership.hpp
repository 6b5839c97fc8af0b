// Who owns which field, given back after a revert. A revert takes the fields that it changes away from whoever had set them:
// the next server-side apply would be refused because of us, and could not drop what came back with the old template.
//
// The rule. Our entry's fields go to one entry of another manager, of the main resource and the same apiVersion:
//   1. of those that own a part of /spec/template, one that applies (server-side) before one that updates, then the one that
//   owns
//      most of it, then the first by name;
//   2. if nobody does, the same among those that own a part of /spec;
//   3. if nobody does, to none: nobody's fields are in nobody's way.
// To one that applies goes all but last-applied-configuration, which it never sends and would therefore delete; an updating
// one, as client-side `kubectl apply` is, gets it too: it is by this field that kubectl finds whose fields to move to
// server-side apply.
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace act {

// A write of metadata alone; none if nothing is ours.
[[nodiscard]] base::Result<void> give_back_ownership(wire::Api& api, const decide::GiveBackOwnership& step);

// managedFields without our entries; nullopt if none is ours.
[[nodiscard]] std::optional<nlohmann::json> given_back(const nlohmann::json& managed_fields);

// All that is in either of two field sets (fieldsV1).
[[nodiscard]] nlohmann::json united(nlohmann::json one, const nlohmann::json& other);

}  // namespace act
