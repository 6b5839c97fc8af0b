#include "fake/crd_schema.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "fake/yaml_json.hpp"

namespace fake {

using nlohmann::json;
using Refusal = std::optional<std::string>;

namespace {

json load(const wire::Kind& kind) {
  const auto crds = std::filesystem::path(__FILE__).parent_path() / "../../crds";
  const json crd = json_of_yaml_file((crds / fmt::format("{}_{}.yaml", kind.group, kind.plural)).string());
  return crd.at("spec").at("versions").at(0).at("schema").at("openAPIV3Schema");
}

const json& schema_of(const wire::Kind& kind) {
  static const std::map<std::string_view, json> schemas{{wire::kPolicies.plural, load(wire::kPolicies)},
                                                        {wire::kRollbacks.plural, load(wire::kRollbacks)}};
  return schemas.at(kind.plural);
}

bool keeps_all(const json& schema) { return schema.value("x-kubernetes-preserve-unknown-fields", false); }

void shape_value(const json& schema, json& value);

void shape_members(const json& schema, json& value) {
  const json& properties = schema.at("properties");
  for (auto it = value.begin(); it != value.end();) {
    const bool is_known = properties.contains(it.key()) || keeps_all(schema);
    it = is_known ? std::next(it) : value.erase(it);
  }
  for (const auto& [name, member] : properties.items()) {
    if (!value.contains(name) && member.contains("default")) value[name] = member.at("default");
    if (value.contains(name) && name != "metadata") shape_value(member, value[name]);
  }
}

void shape_value(const json& schema, json& value) {
  if (value.is_object() && schema.contains("properties")) shape_members(schema, value);
  if (value.is_array() && schema.contains("items")) {
    for (json& item : value) shape_value(schema.at("items"), item);
  }
}

bool has_type(const std::string& type, const json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  return type.empty() || value.is_number();
}

std::int64_t size_of(const json& value) {
  if (!value.is_string()) return static_cast<std::int64_t>(value.size());
  const auto& text = value.get_ref<const std::string&>();
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

Refusal check_limits(const json& schema, const json& value, const std::string& path) {
  const auto limit = [&](const char* name) { return schema.value(name, json()); };
  const char* least = value.is_string() ? "minLength" : "minItems";
  const char* most = value.is_string() ? "maxLength" : "maxItems";
  if (value.is_number()) {
    if (!limit("minimum").is_null() && value < limit("minimum"))
      return fmt::format("{}: invalid value {}: too small", path, value.dump());
    if (!limit("maximum").is_null() && value > limit("maximum"))
      return fmt::format("{}: invalid value {}: too big", path, value.dump());
  } else if (value.is_string() || value.is_array()) {
    if (!limit(least).is_null() && size_of(value) < limit(least)) return fmt::format("{}: too few or too short", path);
    if (!limit(most).is_null() && size_of(value) > limit(most))
      return fmt::format("{}: too many or too long: {}", path, size_of(value));
  }
  const json allowed = limit("enum");
  if (allowed.is_array() && std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    return fmt::format("{}: unsupported value {}: supported values: {}", path, value.dump(), allowed.dump());
  }
  if (limit("format") == "date-time" && !base::parse_rfc3339(value.get<std::string>()))
    return fmt::format("{}: must be a date-time", path);
  return std::nullopt;
}

Refusal check_unique(const json& schema, const json& list, const std::string& path) {
  const std::string type = schema.value("x-kubernetes-list-type", "atomic");
  if (type == "atomic") return std::nullopt;
  std::vector<json> seen;
  for (const json& item : list) {
    json key = item;
    if (type == "map") {
      key = json::array();
      for (const json& name : schema.at("x-kubernetes-list-map-keys"))
        key.push_back(item.value(name.get<std::string>(), json()));
    }
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) return fmt::format("{}: duplicate value {}", path, key.dump());
    seen.push_back(key);
  }
  return std::nullopt;
}

Refusal check(const json& schema, const json& value, const std::string& path);

Refusal check_object(const json& schema, const json& value, const std::string& path) {
  for (const json& needed : schema.value("required", json::array())) {
    if (!value.contains(needed.get<std::string>()))
      return fmt::format("{}.{}: required value", path, needed.get<std::string>());
  }
  for (const auto& [name, member] : value.items()) {
    const auto known = schema.value("properties", json::object());
    if (!known.contains(name) || name == "metadata") continue;
    if (auto why = check(known.at(name), member, path + "." + name)) return why;
  }
  return std::nullopt;
}

Refusal check(const json& schema, const json& value, const std::string& path) {
  const std::string type = schema.value("type", "");
  if (!has_type(type, value)) return fmt::format("{}: invalid value {}: must be of type {}", path, value.dump(), type);
  if (auto why = check_limits(schema, value, path)) return why;
  if (value.is_object()) return check_object(schema, value, path);
  if (!value.is_array()) return std::nullopt;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (auto why = check(schema.at("items"), value[i], fmt::format("{}[{}]", path, i))) return why;
  }
  return check_unique(schema, value, path);
}

}  // namespace

void shape(const wire::Kind& kind, json& object) { shape_value(schema_of(kind), object); }

Refusal schema_refusal(const wire::Kind& kind, const json& object) { return check(schema_of(kind), object, ""); }

}  // namespace fake
