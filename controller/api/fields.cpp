#include "api/fields.hpp"

#include <limits>

namespace api::fields {

const json& field(const json& of, std::string_view name) {
  static const json absent;
  if (!of.is_object()) return absent;
  const auto found = of.find(name);
  return found == of.end() ? absent : *found;
}

const json::array_t& list(const json& of, std::string_view name) {
  static const json::array_t empty;
  const auto* found = field(of, name).get_ptr<const json::array_t*>();
  return found == nullptr ? empty : *found;
}

std::string text(const json& of, std::string_view name, std::string_view fallback) {
  const auto* found = field(of, name).get_ptr<const std::string*>();
  return found == nullptr ? std::string(fallback) : *found;
}

std::optional<std::int64_t> number(const json& of, std::string_view name) {
  const json& found = field(of, name);
  if (const auto* whole = found.get_ptr<const json::number_unsigned_t*>()) {
    if (*whole > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return static_cast<std::int64_t>(*whole);
  }
  return found.is_number_integer() ? std::optional(found.get<std::int64_t>()) : std::nullopt;
}

std::optional<int> small_number(const json& of, std::string_view name) {
  const auto found = number(of, name);
  if (!found || *found < std::numeric_limits<int>::min() || *found > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*found);
}

int count(const json& of, std::string_view name) { return small_number(of, name).value_or(0); }

bool truth(const json& of, std::string_view name) {
  const json& found = field(of, name);
  return found.is_boolean() && found.get<bool>();
}

Seconds seconds(const json& of, std::string_view name, Seconds fallback) {
  const auto found = small_number(of, name);
  return found && *found >= 0 ? Seconds{*found} : fallback;
}

std::optional<Instant> time(const json& of, std::string_view name) { return base::parse_rfc3339(text(of, name)); }

Instant time_or_epoch(const json& of, std::string_view name) { return time(of, name).value_or(Instant{}); }

std::vector<std::string> texts(const json& of, std::string_view name) {
  std::vector<std::string> out;
  for (const json& each : list(of, name)) {
    if (each.is_string()) out.push_back(each.get<std::string>());
  }
  return out;
}

Strings strings(const json& of, std::string_view name) {
  Strings out;
  const auto* members = field(of, name).get_ptr<const json::object_t*>();
  if (members == nullptr) return out;
  for (const auto& [key, value] : *members) {
    if (value.is_string()) out.emplace(key, value.get<std::string>());
  }
  return out;
}

void put(json& to, const char* name, std::string_view value) {
  if (!value.empty()) to[name] = value;
}

void put(json& to, const char* name, std::int64_t value) {
  if (value != 0) to[name] = value;
}

void put(json& to, const char* name, const std::vector<std::string>& value) {
  if (!value.empty()) to[name] = value;
}

void put(json& to, const char* name, const std::optional<Instant>& value) {
  if (value) to[name] = base::to_rfc3339(*value);
}

void put_object(json& to, const char* name, json value) {
  if (!value.empty()) to[name] = std::move(value);
}

}  // namespace api::fields
