#include "fake/patch.hpp"

#include <algorithm>

namespace fake {

using base::Fault;
using nlohmann::json;

namespace {

// The server's library lets `test` with null pass where nothing is; nlohmann's does not.
bool tests_for_absence(const json& document, const json& operation) {
  return operation.value("op", "") == "test" && operation.contains("value") && operation.at("value").is_null() &&
         !document.contains(json::json_pointer(operation.at("path").get<std::string>()));
}

json apply_one(const json& document, const json& operation) {
  if (tests_for_absence(document, operation)) return document;
  return document.patch(json::array({operation}));
}

bool holds(const json& document, const json& operation) {
  if (operation.value("op", "") != "test") return true;
  try {
    apply_one(document, operation);
    return true;
  } catch (const json::exception&) {
    return false;
  }
}

}  // namespace

base::Result<json> apply_patch(const json& document, const json& operations) {
  if (!operations.is_array()) return base::fail(Fault::Invalid, "a JSON patch is a list of operations");
  try {
    json patched = document;
    for (const json& operation : operations) patched = apply_one(patched, operation);
    return patched;
  } catch (const json::exception& e) {
    const bool all_hold = std::all_of(operations.begin(), operations.end(), [&](const json& o) { return holds(document, o); });
    return base::fail(all_hold ? Fault::Invalid : Fault::Conflict, e.what());
  }
}

}  // namespace fake
