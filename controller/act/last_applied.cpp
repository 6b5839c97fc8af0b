#include "act/last_applied.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "act/patch.hpp"
#include "api/meta.hpp"

namespace act {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;  // what is not ours keeps its order too

// The fields by which items of the lists in a pod template are told apart.
constexpr std::array kKeys{"name", "mountPath", "containerPort", "devicePath", "ip"};

bool tells_apart(const char* key, const json& list) {
  std::set<json> seen;
  return std::all_of(list.begin(), list.end(), [&](const json& item) {
    return item.is_object() && item.contains(key) && seen.insert(item.at(key)).second;
  });
}

const json* find_item(const json& list, const char* key, const json& value) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const json& item) { return item.at(key) == value; });
  return found == list.end() ? nullptr : &*found;
}

const json* find_member(const json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

json applied_part(const json& restored, const json& replaced, const json& listed);

// Of one field or item: nullopt if it is somebody else's.
std::optional<json> applied_of(const json& restored, const json* replaced, const json* listed) {
  if (!replaced) return restored;
  return listed ? std::optional(applied_part(restored, *replaced, *listed)) : std::nullopt;
}

// A list whose items can't be told apart is one value, like a number.
json applied_part(const json& restored, const json& replaced, const json& listed) {
  if (restored.is_object() && replaced.is_object() && listed.is_object()) {
    json out = json::object();
    for (const auto& [key, value] : restored.items()) {
      if (auto part = applied_of(value, find_member(replaced, key), find_member(listed, key))) out[key] = std::move(*part);
    }
    return out;
  }
  if (!restored.is_array() || !replaced.is_array() || !listed.is_array()) return restored;
  const auto key = std::find_if(kKeys.begin(), kKeys.end(), [&](const char* each) {
    return tells_apart(each, restored) && tells_apart(each, replaced) && tells_apart(each, listed);
  });
  if (key == kKeys.end()) return restored;
  json out = json::array();
  for (const json& item : restored) {
    const json& name = item.at(*key);
    if (auto part = applied_of(item, find_item(replaced, *key, name), find_item(listed, *key, name)))
      out.push_back(std::move(*part));
  }
  return out;
}

ordered_json* member(ordered_json* of, const char* name) {
  if (!of || !of->is_object()) return nullptr;
  const auto found = of->find(name);
  return found == of->end() ? nullptr : &*found;
}

void agree_on_cause(ordered_json& applied, const Change& cause) {
  auto* metadata = member(&applied, "metadata");
  if (!metadata || !metadata->is_object()) return;
  auto* annotations = member(metadata, "annotations");
  const bool is_listed = member(annotations, api::kChangeCauseAnnotation) != nullptr;
  if (is_listed && !cause.to) annotations->erase(api::kChangeCauseAnnotation);
  if (!cause.to || !(is_listed || cause.is_one())) return;
  if (!annotations || !annotations->is_object()) annotations = &((*metadata)["annotations"] = ordered_json::object());
  (*annotations)[api::kChangeCauseAnnotation] = *cause.to;
}

}  // namespace

std::optional<std::string> agreeing(const std::string& last_applied, const json& replaced, const json& restored,
                                    const Change& change_cause) {
  auto applied = ordered_json::parse(last_applied, nullptr, false);
  auto* listed = member(member(&applied, "spec"), "template");
  if (!listed || !listed->is_object()) return std::nullopt;
  *listed = applied_part(restored, replaced, json(*listed));
  agree_on_cause(applied, change_cause);
  std::string text = spelt_as_go(applied.dump(-1, ' ', false, json::error_handler_t::replace));
  if (last_applied.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace act
