#include "act/last_applied.hpp"

#include "act/patch.hpp"
#include "api/meta.hpp"

namespace act {
namespace {

using nlohmann::ordered_json;  // what is not ours keeps its order too

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

std::optional<std::string> agreeing(const std::string& last_applied, const nlohmann::json& restored,
                                    const Change& change_cause) {
  auto applied = ordered_json::parse(last_applied, nullptr, false);
  auto* listed = member(member(&applied, "spec"), "template");
  if (!listed || !listed->is_object()) return std::nullopt;
  *listed = restored;
  agree_on_cause(applied, change_cause);
  std::string text = spelt_as_go(applied.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (last_applied.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace act
