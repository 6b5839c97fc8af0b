#include <algorithm>

#include "api/fields.hpp"
#include "api/text.hpp"

namespace api::fields {
namespace {

constexpr std::string_view kOurManager = "rollback-controller";

std::optional<Owner> read_controller(const json& metadata) {
  for (const json& each : list(metadata, "ownerReferences")) {
    if (truth(each, "controller")) return Owner{text(each, "kind"), text(each, "name"), text(each, "uid")};
  }
  return std::nullopt;
}

Condition read_condition(const json& of) {
  return {
      .type = text(of, "type"),
      .status = from_text<Status>(text(of, "status")).value_or(Status::Unknown),
      .reason = text(of, "reason"),
      .message = text(of, "message"),
      .observed_generation = number(of, "observedGeneration").value_or(0),
      .changed = time_or_epoch(of, "lastTransitionTime"),
  };
}

// All fields but the generation are required by metav1.Condition.
json write_condition(const Condition& condition) {
  json out{{"type", condition.type},
           {"status", to_text(condition.status)},
           {"reason", condition.reason},
           {"message", condition.message},
           {"lastTransitionTime", base::to_rfc3339(condition.changed)}};
  put(out, "observedGeneration", condition.observed_generation);
  return out;
}

HttpCheck read_check(const json& of) {
  const HttpCheck defaults;
  return {.name = text(of, "name"),
          .method = text(of, "method", defaults.method),
          .path = text(of, "path"),
          .body = text(of, "body"),
          .content_type = text(of, "contentType", defaults.content_type)};
}

json write_check(const HttpCheck& check) {
  json out{{"name", check.name}, {"method", check.method}, {"path", check.path}, {"contentType", check.content_type}};
  put(out, "body", check.body);
  return out;
}

}  // namespace

const Keep& meta_keep() {
  static const Keep wanted =
      keep({"namespace", "name", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
            "ownerReferences.controller", "ownerReferences.kind", "ownerReferences.name", "ownerReferences.uid"});
  return wanted;
}

const Keep& own_keep() {
  static const Keep wanted = [] {
    Keep all = keep({"spec", "status"});
    all.keys["metadata"] = meta_keep();
    return all;
  }();
  return wanted;
}

Meta read_meta(const json& object) {
  const json& metadata = field(object, "metadata");
  return {
      .ns = text(metadata, "namespace"),
      .name = text(metadata, "name"),
      .uid = text(metadata, "uid"),
      .resource_version = text(metadata, "resourceVersion"),
      .generation = number(metadata, "generation").value_or(0),
      .created = time(metadata, "creationTimestamp"),
      .deleted = time(metadata, "deletionTimestamp"),
      .controller = read_controller(metadata),
  };
}

bool is_owned_by_us(const json& metadata) {
  const auto& entries = list(metadata, "managedFields");
  return std::any_of(entries.begin(), entries.end(), [](const json& entry) {
    return text(entry, "manager") == kOurManager && text(entry, "subresource").empty();
  });
}

Conditions read_conditions(const json& status) { return read_list<Condition>(status, "conditions", read_condition); }
json write_conditions(const Conditions& all) { return list_of(all, write_condition); }

RevisionRef read_revision(const json& of) {
  return {text(of, "uid"), text(of, "name"), number(of, "number").value_or(0), text(of, "fingerprint")};
}

// Always whole: the schema of a plan requires all four.
json write_revision(const RevisionRef& revision) {
  return {{"uid", revision.uid}, {"name", revision.name}, {"number", revision.number}, {"fingerprint", revision.fingerprint}};
}

HttpChecks read_http(const json& of) {
  const HttpChecks defaults;
  return {.port = count(of, "port"),
          .timeout = seconds(of, "timeoutSeconds", defaults.timeout),
          .checks = read_list<HttpCheck>(of, "checks", read_check)};
}

json write_http(const HttpChecks& http) {
  return {{"port", http.port}, {"timeoutSeconds", http.timeout.count()}, {"checks", list_of(http.checks, write_check)}};
}

}  // namespace api::fields
