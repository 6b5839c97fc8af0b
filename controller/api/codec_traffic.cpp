#include "api/fields.hpp"
#include "api/traffic.hpp"

namespace api {
namespace fields {
namespace {

constexpr const char* kAlways = "Always";
constexpr const char* kNever = "Never";

}  // namespace

std::optional<CanaryPair> read_canary(const json& traffic) {
  const json& canary = field(traffic, "canary");
  if (!canary.is_object()) return std::nullopt;
  return CanaryPair{.routes = read_list<RouteRef>(
                        canary, "routeRefs",
                        [](const json& ref) { return RouteRef{text(ref, "group"), text(ref, "kind"), text(ref, "name")}; }),
                    .stable_service = text(canary, "stableServiceName"),
                    .canary_service = text(canary, "canaryServiceName")};
}

json write_canary(const CanaryPair& pair) {
  const auto write = [](const RouteRef& ref) { return json{{"group", ref.group}, {"kind", ref.kind}, {"name", ref.name}}; };
  return {{"type", "Canary"},
          {"canary",
           {{"routeRefs", list_of(pair.routes, write)},
            {"stableServiceName", pair.stable_service},
            {"canaryServiceName", pair.canary_service}}}};
}

std::optional<BlueGreenPair> read_blue_green(const json& traffic, const std::string& side) {
  const json& pair = field(traffic, "blueGreen");
  if (!pair.is_object()) return std::nullopt;
  const BlueGreenPair defaults;
  return BlueGreenPair{.service = text(pair, "serviceName"),
                       .key = text(pair, "selectorKey"),
                       .side = side,
                       .peer = text(field(pair, "peerRef"), "name"),
                       .drain = seconds(pair, "drainSeconds", defaults.drain),
                       .reverts = text(pair, "revert", kAlways) == kAlways};
}

json write_blue_green(const BlueGreenPair& pair) {
  return {{"type", "BlueGreen"},
          {"blueGreen",
           {{"serviceName", pair.service},
            {"selectorKey", pair.key},
            {"peerRef", {{"kind", "Deployment"}, {"name", pair.peer}}},
            {"drainSeconds", pair.drain.count()},
            {"revert", pair.reverts ? kAlways : kNever}}}};
}

}  // namespace fields

using namespace fields;

namespace {

Service read_service(const json& object) {
  return {read_meta(object), strings(field(object, "spec"), "selector"), is_owned_by_us(field(object, "metadata"))};
}

std::vector<std::string> read_endpoints(const json& slices) {
  std::vector<std::string> uids;
  for (const json& slice : list(slices, "items")) {
    for (const json& endpoint : list(slice, "endpoints")) {
      const json& ready = field(field(endpoint, "conditions"), "ready");  // absent means ready
      const std::string uid = text(field(endpoint, "targetRef"), "uid");
      if ((!ready.is_boolean() || ready.get<bool>()) && !uid.empty()) uids.push_back(uid);
    }
  }
  return uids;
}

std::vector<Autoscaler> read_autoscalers(const json& page) {
  std::vector<Autoscaler> found;
  for (const json& each : list(page, "items")) {
    const json& metadata = field(each, "metadata");
    const json& spec = field(each, "spec");
    const json& target = field(spec, "scaleTargetRef");
    if (text(target, "kind") != "Deployment" || !text(target, "apiVersion").starts_with("apps/")) continue;
    found.push_back({.name = text(metadata, "name"),
                     .uid = text(metadata, "uid"),
                     .target = text(target, "name"),
                     .min = small_number(spec, "minReplicas").value_or(1),
                     .max = small_number(spec, "maxReplicas").value_or(1),
                     .owned_by_us = is_owned_by_us(metadata)});
  }
  return found;
}

}  // namespace

base::Result<Service> parse_service(std::string_view text) {
  static const Keep wanted = [] {
    Keep all = keep({"spec.selector"});
    all.keys["metadata"] = meta_keep();
    const Keep owners = keep({"managedFields.manager", "managedFields.subresource"});
    all.keys["metadata"].keys.insert(owners.keys.begin(), owners.keys.end());
    return all;
  }();
  return parse<Service>("Service", text, wanted, read_service);
}

base::Result<std::vector<std::string>> parse_endpoints(std::string_view text) {
  static const Keep wanted = keep({"items.endpoints.conditions.ready", "items.endpoints.targetRef.uid"});
  return parse<std::vector<std::string>>("EndpointSlices", text, wanted, read_endpoints);
}

base::Result<std::vector<Autoscaler>> parse_autoscalers(std::string_view text) {
  static const Keep wanted = keep({"items.metadata.name", "items.metadata.uid", "items.metadata.managedFields.manager",
                                   "items.metadata.managedFields.subresource", "items.spec.scaleTargetRef",
                                   "items.spec.minReplicas", "items.spec.maxReplicas"});
  return parse<std::vector<Autoscaler>>("HorizontalPodAutoscalers", text, wanted, read_autoscalers);
}

}  // namespace api
