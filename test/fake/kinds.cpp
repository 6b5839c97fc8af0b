#include "fake/kinds.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>

namespace fake {

namespace {

struct Known {
  wire::Kind kind;
  Traits traits;
};

constexpr std::array kKnown{
    Known{wire::kPods, {.has_status = true, .has_generation = true}},
    Known{wire::kDeployments, {.has_status = true, .has_generation = true}},
    Known{wire::kReplicaSets, {.has_status = true, .has_generation = true}},
    Known{wire::kEvents, {}},
    Known{wire::kLeases, {}},
    Known{wire::kPolicies, {.has_status = true, .has_generation = true, .is_custom = true}},
    Known{wire::kRollbacks, {.has_status = true, .has_generation = true, .is_custom = true}},
    Known{wire::kNodes, {.has_status = true}},
    Known{wire::kServices, {.has_status = true}},
    Known{wire::kAutoscalers, {.has_status = true}},
    Known{wire::kEndpointSlices, {.has_generation = true}},
    Known{kHttpRoutes, {.has_status = true, .has_generation = true}},
};

}  // namespace

Traits traits_of(const wire::Kind& kind) {
  const auto* found = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) { return k.kind == kind; });
  return found == kKnown.end() ? Traits{} : found->traits;
}

const wire::Kind& kind_of(const nlohmann::json& object) {
  const std::string version = object.value("apiVersion", "");
  const std::string name = object.value("kind", "");
  for (const Known& known : kKnown) {
    if (known.kind.name == name && api_version(known.kind) == version) return known.kind;
  }
  throw std::invalid_argument(fmt::format("the fake knows no kind {} of {}: add it to test/fake/kinds.cpp", name, version));
}

std::string api_version(const wire::Kind& kind) {
  return kind.group.empty() ? std::string(kind.version) : fmt::format("{}/{}", kind.group, kind.version);
}

wire::Ref ref_of(const nlohmann::json& object) {
  const auto& meta = object.at("metadata");
  return {kind_of(object), meta.value("namespace", ""), meta.at("name").get<std::string>(), "", {}};
}

std::string describe(const wire::Ref& ref) {
  return fmt::format("{}{}{} \"{}\" in \"{}\"", ref.kind.plural, ref.subresource.empty() ? "" : "/", ref.subresource, ref.name,
                     ref.ns);
}

std::string dump(const nlohmann::json& value) { return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

}  // namespace fake
