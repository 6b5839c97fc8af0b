#include "record/status.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "record/texts.hpp"

namespace record {
namespace {

using nlohmann::json;

enum class Keep { Beginning, End };

// The free texts of both statuses: list items have the path of their list.
struct Text {
  std::string_view path;
  std::size_t most;  // as the CRDs say
  Keep keep;
};
constexpr std::array kTexts{
    Text{"/conditions/message", 1024, Keep::Beginning},   Text{"/triggers/message", 512, Keep::Beginning},
    Text{"/triggers/value", 64, Keep::Beginning},         Text{"/lastError", 1024, Keep::Beginning},
    Text{"/checklist/evidence", 512, Keep::Beginning},    Text{"/steps/message", 512, Keep::Beginning},
    Text{"/evidence/pods/message", 512, Keep::Beginning}, Text{"/evidence/pods/current", 5120, Keep::End},
    Text{"/evidence/pods/previous", 5120, Keep::End},     Text{"/evidence/pods/reason", 64, Keep::Beginning},
    Text{"/failures/reason", 64, Keep::Beginning},        Text{"/capacity/message", 1024, Keep::Beginning},
};

void cut_texts(json& here, const std::string& path, std::size_t most) {
  if (here.is_array()) {
    for (json& item : here) cut_texts(item, path, most);
  } else if (here.is_object()) {
    for (auto& [key, value] : here.items()) cut_texts(value, path + "/" + key, most);
  } else if (here.is_string()) {
    const auto text = std::find_if(kTexts.begin(), kTexts.end(), [&](const Text& each) { return each.path == path; });
    if (text == kTexts.end()) return;
    const auto& whole = here.get_ref<const std::string&>();
    const std::size_t limit = std::min(text->most, most);
    here = text->keep == Keep::End ? cut_front(whole, limit) : cut(whole, limit);
  }
}

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

json bounded(json status) {
  for (const std::size_t most : {5120, 1024, 256, 64}) {
    cut_texts(status, "", most);
    if (text_of(status).size() < kMostStatusBytes) break;
  }
  return status;
}

std::optional<std::string> status_patch(const api::Meta& seen, const json& before, const json& after) {
  if (before == after) return std::nullopt;
  json operations = json::array({{{"op", "test"}, {"path", "/metadata/uid"}, {"value", seen.uid}},
                                 {{"op", "test"}, {"path", "/metadata/resourceVersion"}, {"value", seen.resource_version}}});
  if (before.empty()) {  // the first one: there is no status to add to
    operations.push_back({{"op", "add"}, {"path", "/status"}, {"value", after}});
    return text_of(operations);
  }
  for (const auto& [key, value] : after.items()) {
    if (before.contains(key) && before.at(key) == value) continue;
    operations.push_back({{"op", "add"}, {"path", "/status/" + key}, {"value", value}});
  }
  for (const auto& [key, value] : before.items()) {
    if (!after.contains(key)) operations.push_back({{"op", "remove"}, {"path", "/status/" + key}});
  }
  return text_of(operations);
}

}  // namespace record
