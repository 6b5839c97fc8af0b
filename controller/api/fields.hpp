// For the codecs, and for answers that are no object. Reading: a field that is absent, null or of another type is its default.
// Writing: what is its default is left out, so that absence and default are one thing in both directions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/condition.hpp"
#include "api/meta.hpp"
#include "api/policy.hpp"
#include "api/projection.hpp"
#include "api/rollback.hpp"
#include "api/workload.hpp"
#include "base/result.hpp"

namespace api::fields {

using nlohmann::json;

[[nodiscard]] const json& field(const json& of, std::string_view name);  // null if absent
[[nodiscard]] const json::array_t& list(const json& of, std::string_view name);
[[nodiscard]] std::string text(const json& of, std::string_view name, std::string_view fallback = "");
[[nodiscard]] std::optional<std::int64_t> number(const json& of, std::string_view name);
[[nodiscard]] std::optional<int> small_number(const json& of, std::string_view name);  // one that fits an int
[[nodiscard]] int count(const json& of, std::string_view name);                        // 0 if absent
[[nodiscard]] bool truth(const json& of, std::string_view name);
[[nodiscard]] Seconds seconds(const json& of, std::string_view name, Seconds fallback);
[[nodiscard]] std::optional<Instant> time(const json& of, std::string_view name);
[[nodiscard]] Instant time_or_epoch(const json& of, std::string_view name);
[[nodiscard]] std::vector<std::string> texts(const json& of, std::string_view name);
[[nodiscard]] Strings strings(const json& of, std::string_view name);

void put(json& to, const char* name, std::string_view value);
void put(json& to, const char* name, std::int64_t value);
void put(json& to, const char* name, const std::vector<std::string>& value);
void put(json& to, const char* name, const std::optional<Instant>& value);  // one that is there is always written
void put_object(json& to, const char* name, json value);                    // an empty object or list is left out

// Every item of a list, turned by `turn`.
template <class Range, class F>
[[nodiscard]] json list_of(const Range& all, F turn) {
  json out = json::array();
  for (const auto& each : all) out.push_back(turn(each));
  return out;
}
template <class T, class F>
[[nodiscard]] std::vector<T> read_list(const json& of, std::string_view name, F read) {
  std::vector<T> out;
  for (const json& each : list(of, name)) out.push_back(read(each));
  return out;
}

// Parts that several objects have.
[[nodiscard]] const Keep& meta_keep();  // what read_meta looks at, below "metadata"
[[nodiscard]] const Keep& own_keep();   // of our own objects: everything but the rest of the metadata
[[nodiscard]] Meta read_meta(const json& object);
[[nodiscard]] bool is_owned_by_us(const json& metadata);     // fields of the object itself, by metadata.managedFields
[[nodiscard]] Delivery read_delivery(const json& metadata);  // of a Deployment
[[nodiscard]] const Keep& delivery_keep();  // what read_delivery looks at beside managedFields, below "metadata"
[[nodiscard]] Conditions read_conditions(const json& status);
[[nodiscard]] json write_conditions(const Conditions& all);
[[nodiscard]] RevisionRef read_revision(const json& of);
[[nodiscard]] json write_revision(const RevisionRef& revision);
[[nodiscard]] HttpChecks read_http(const json& of);
[[nodiscard]] json write_http(const HttpChecks& http);
[[nodiscard]] std::optional<CanaryPair> read_canary(const json& traffic);  // nullopt: there is none
[[nodiscard]] json write_canary(const CanaryPair& pair);
[[nodiscard]] std::optional<BlueGreenPair> read_blue_green(const json& traffic, const std::string& side);
[[nodiscard]] json write_blue_green(const BlueGreenPair& pair);
[[nodiscard]] PolicyStatus read_policy_status(const json& status);
[[nodiscard]] std::optional<Plan> read_plan(const json& of);  // nullopt: not one that this binary knows
[[nodiscard]] json write_plan(const Plan& plan);

template <class T>
[[nodiscard]] base::Result<T> parse(std::string_view kind, std::string_view text, const Keep& wanted, T (*read)(const json&)) {
  const auto object = project(text, wanted);
  if (!object) return base::fail(object.error().fault, std::string(kind) + ": " + object.error().what);
  return read(*object);
}

}  // namespace api::fields
