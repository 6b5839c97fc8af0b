#include <cmath>
#include <limits>

#include "api/codec.hpp"
#include "api/fields.hpp"
#include "base/digest.hpp"

namespace api {
namespace {

using nlohmann::json;

std::string digest_of(const json& value) {
  // Keys are sorted, so equal templates have equal texts; `replace` because a template made by hand may hold any bytes.
  return base::digest(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

void drop_if_empty(json& of, const char* name) {
  const auto found = of.find(name);
  if (found != of.end() && found->empty()) of.erase(found);
}

void spell_alike(json& quantity) {
  if (!quantity.is_string()) return;
  if (const auto value = parse_quantity(quantity.get_ref<const std::string&>())) quantity = *value;
}

// `1Gi` and `1073741824` are the same to the Deployment controller, which makes no new ReplicaSet for it.
void spell_quantities_alike(json& part) {
  if (part.is_array()) {
    for (json& item : part) spell_quantities_alike(item);
  }
  if (!part.is_object()) return;
  for (const auto& [key, below] : part.items()) {
    if (key == "sizeLimit" || key == "divisor") {
      spell_alike(below);
    } else if (below.is_object() && (key == "limits" || key == "requests" || key == "overhead")) {
      for (json& quantity : below) spell_alike(quantity);
    } else {
      spell_quantities_alike(below);
    }
  }
}

// What tells templates apart although nobody wrote it: the ReplicaSet's own label, and how emptiness and quantities are
// spelled.
void normalize(json& pod_template) {
  if (const auto spec = pod_template.find("spec"); spec != pod_template.end()) spell_quantities_alike(*spec);
  const auto metadata = pod_template.find("metadata");
  if (metadata == pod_template.end()) return;
  if (metadata->is_object()) {
    const auto labels = metadata->find("labels");
    if (labels != metadata->end() && labels->is_object()) labels->erase(kTemplateHashLabel);
    for (const char* name : {"creationTimestamp", "labels", "annotations"}) drop_if_empty(*metadata, name);
  }
  drop_if_empty(pod_template, "metadata");
}

std::string digest_of_body(json pod_template) {
  const auto metadata = pod_template.find("metadata");
  if (metadata != pod_template.end() && metadata->is_object()) {
    metadata->erase("labels");
    metadata->erase("annotations");
    drop_if_empty(pod_template, "metadata");
  }
  return digest_of(pod_template);
}

std::int64_t to_whole(double value) {
  if (!(value > 0)) return 0;
  constexpr double kMost = 9223372036854775807.0;
  return value >= kMost ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(std::ceil(value));
}

// In `unit`s of the resource, rounded up.
std::int64_t sum_of_requests(const json& pod_template, std::string_view resource, double units) {
  double sum = 0;
  for (const json& container : fields::list(fields::field(pod_template, "spec"), "containers")) {
    const json& requests = fields::field(fields::field(container, "resources"), "requests");
    sum += parse_quantity(fields::text(requests, resource)).value_or(0);
  }
  return to_whole(sum * units);
}

bool starts_with_our_group(std::string_view key) {
  const std::string_view group = kGroup;
  return key.starts_with(group) && key.size() > group.size() && key[group.size()] == '/';
}

Strings without_ignored(Strings from, const std::vector<std::string>& ignore) {
  for (const std::string& key : ignore) from.erase(key);
  std::erase_if(from, [](const auto& entry) { return starts_with_our_group(entry.first); });
  return from;
}

}  // namespace

Template project_template(json pod_template) {
  const std::int64_t cpu_millis = sum_of_requests(pod_template, "cpu", 1000);
  const std::int64_t memory_bytes = sum_of_requests(pod_template, "memory", 1);
  normalize(pod_template);
  const json& metadata = fields::field(pod_template, "metadata");
  Template out{
      .exact = digest_of(pod_template),
      .body = "",
      .labels = fields::strings(metadata, "labels"),
      .annotations = fields::strings(metadata, "annotations"),
      .cpu_millis = cpu_millis,
      .memory_bytes = memory_bytes,
  };
  out.body = digest_of_body(std::move(pod_template));
  return out;
}

std::string fingerprint(const Template& of, const std::vector<std::string>& ignore) {
  Strings annotations = without_ignored(of.annotations, ignore);
  annotations.erase(kRestartedAtAnnotation);
  return digest_of({{"body", of.body}, {"labels", without_ignored(of.labels, ignore)}, {"annotations", annotations}});
}

}  // namespace api
