// The annotation by which client-side `kubectl apply` knows what it may delete: a field that the annotation lists and the next
// manifest does not.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace act {

// An annotation before and after the write; absent is nullopt.
struct Change {
  std::optional<std::string> from;
  std::optional<std::string> to;
  [[nodiscard]] bool is_one() const { return from != to; }
};

// `last_applied` as if `restored` had been applied in the place of `replaced`: what comes back can then be dropped by the next
// manifest, whichever manifest that is. What `replaced` has and `last_applied` does not list was set by somebody else
// (`kubectl set env`, a default of the server) and stays theirs. The change-cause is made to agree where it is listed, and is
// listed where it comes back. Nothing else changes. nullopt: the text lists no template, so that `kubectl apply` has no say in
// it, and stays as it is.
[[nodiscard]] std::optional<std::string> agreeing(const std::string& last_applied, const nlohmann::json& replaced,
                                                  const nlohmann::json& restored, const Change& change_cause);

}  // namespace act
