// Events of events.k8s.io/v1: what `kubectl describe` shows below an object.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace record {

inline constexpr const char* kReporter = "rollback-controller";

// What an Event regards.
struct Subject {
  wire::Kind kind;
  std::string ns;
  std::string name;
  std::string uid;
};

// Of subject's kind, about and reason: the same Event said again has the same name, and the server refuses it.
[[nodiscard]] std::string event_name(const decide::Event& event, const Subject& regarding);

// `related` may be null. `instance` tells this process from others.
[[nodiscard]] nlohmann::json event_object(const decide::Event& event, const Subject& regarding, const Subject* related,
                                          const std::string& instance, base::Instant now);

}  // namespace record
