// What the server does differently from kind to kind, and the way from an object to its kind.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "wire/api.hpp"

namespace fake {

inline constexpr wire::Kind kHttpRoutes{"gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute"};

struct Traits {
  bool has_status = false;      // writes are split between the object and its status subresource
  bool has_generation = false;  // raised with each change of the spec
  bool is_custom = false;       // defined by a CRD
};

[[nodiscard]] Traits traits_of(const wire::Kind& kind);

// By apiVersion and kind; throws std::invalid_argument for a kind that no room uses.
[[nodiscard]] const wire::Kind& kind_of(const nlohmann::json& object);

// "apps/v1", "v1".
[[nodiscard]] std::string api_version(const wire::Kind& kind);

[[nodiscard]] wire::Ref ref_of(const nlohmann::json& object);

// For people: `deployments "web" in "shop"`.
[[nodiscard]] std::string describe(const wire::Ref& ref);

[[nodiscard]] std::string dump(const nlohmann::json& value);  // invalid UTF-8 is replaced, as the server does

}  // namespace fake
