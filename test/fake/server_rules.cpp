#include "fake/server_rules.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "fake/crd_schema.hpp"
#include "fake/kinds.hpp"
#include "fake/validate.hpp"

namespace fake {

using base::Fault;
using nlohmann::json;

namespace {

const json kNull;

const json& field(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

void put_back(json& wanted, const json& live, const char* name) {
  if (live.contains(name))
    wanted[name] = live.at(name);
  else
    wanted.erase(name);
}

void drop_nulls(json& value) {
  if (value.is_object()) {
    for (auto it = value.begin(); it != value.end();) it = it->is_null() ? value.erase(it) : std::next(it);
  }
  if (value.is_structured()) {
    for (json& member : value) drop_nulls(member);
  }
}

void drop_empty_maps(json& meta) {
  for (const char* name : {"labels", "annotations", "ownerReferences", "finalizers", "managedFields"}) {
    if (meta.contains(name) && meta.at(name).empty()) meta.erase(name);
  }
}

// What Go's encoding leaves out (null members and empty maps of metadata), or what the CRD's schema makes of it.
void normalize(const wire::Kind& kind, json& object) {
  if (traits_of(kind).is_custom)
    shape(kind, object);
  else
    drop_nulls(object);
  drop_nulls(object["metadata"]);
  drop_empty_maps(object["metadata"]);
  if (object.contains("/spec/template/metadata"_json_pointer)) drop_empty_maps(object["spec"]["template"]["metadata"]);
}

void keep_to_status(const wire::Kind& kind, const json& live, json& wanted) {
  json status = field(wanted, "status");
  json meta = wanted.at("metadata");
  if (traits_of(kind).is_custom) {
    json owners = field(meta, "managedFields");
    meta = live.at("metadata");
    meta["managedFields"] = std::move(owners);
  } else if (kind == wire::kDeployments) {
    put_back(meta, live.at("metadata"), "labels");
  } else if (kind == wire::kPods) {
    put_back(meta, live.at("metadata"), "ownerReferences");
  }
  wanted = live;
  wanted["metadata"] = std::move(meta);
  if (status.is_null())
    wanted.erase("status");
  else
    wanted["status"] = std::move(status);
}

void reset_status(const wire::Kind& kind, json& wanted) {
  wanted.erase("status");
  if (!traits_of(kind).is_custom) wanted["status"] = json::object();
  if (kind == wire::kPods) wanted["status"] = {{"phase", "Pending"}, {"qosClass", "BestEffort"}};
}

base::Result<void> check_identity(const wire::Ref& ref, const json& live, const json& wanted) {
  if (!wanted.is_object() || !field(wanted, "metadata").is_object())
    return base::fail(Fault::Invalid, "not an object with metadata");
  for (const char* name : {"name", "namespace", "uid", "creationTimestamp"}) {
    if (field(wanted.at("metadata"), name) != field(live.at("metadata"), name)) {
      return base::fail(Fault::Invalid, fmt::format("{}: metadata.{}: field is immutable", describe(ref), name));
    }
  }
  for (const char* name : {"apiVersion", "kind"}) {
    if (field(wanted, name) != field(live, name))
      return base::fail(Fault::Invalid, fmt::format("{}: {} does not match", describe(ref), name));
  }
  const json& version = field(wanted.at("metadata"), "resourceVersion");
  if (!version.is_null() && version != "" && version != live.at("metadata").at("resourceVersion")) {
    return base::fail(
        Fault::Conflict,
        fmt::format("{}: the object has been modified; please apply your changes to the latest version and try again",
                    describe(ref)));
  }
  return {};
}

void restore_servers_own(const json& live, json& wanted) {
  for (const char* name : {"generation", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    put_back(wanted["metadata"], live.at("metadata"), name);
  }
}

}  // namespace

base::Result<json> admit_update(const wire::Ref& ref, const json& live, json wanted) {
  if (auto ok = check_identity(ref, live, wanted); !ok) return tl::unexpected(ok.error());
  restore_servers_own(live, wanted);
  if (ref.subresource == "status")
    keep_to_status(ref.kind, live, wanted);
  else if (traits_of(ref.kind).has_status)
    put_back(wanted, live, "status");
  normalize(ref.kind, wanted);
  if (auto why = refusal(ref.kind, live, wanted)) return base::fail(Fault::Invalid, fmt::format("{}: {}", describe(ref), *why));
  return wanted;
}

base::Result<json> admit_create(const wire::Collection& in, json wanted) {
  if (!wanted.is_object() || !field(wanted, "metadata").is_object())
    return base::fail(Fault::Invalid, "not an object with metadata");
  json& meta = wanted["metadata"];
  const std::string name = meta.value("name", "");
  if (name.empty()) return base::fail(Fault::Invalid, "metadata.name: required value: name is required");
  if (meta.value("namespace", in.ns) != in.ns) {
    return base::fail(Fault::Invalid, "the namespace of the object does not match the namespace on the request");
  }
  if (!in.ns.empty()) meta["namespace"] = in.ns;
  for (const char* own : {"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "deletionTimestamp"}) {
    meta.erase(own);
  }
  wanted["apiVersion"] = api_version(in.kind);
  wanted["kind"] = in.kind.name;
  if (traits_of(in.kind).has_status) reset_status(in.kind, wanted);
  if (traits_of(in.kind).has_generation) meta["generation"] = 1;
  normalize(in.kind, wanted);
  if (auto why = refusal(in.kind, nullptr, wanted)) {
    return base::fail(Fault::Invalid, fmt::format("{} \"{}\": {}", in.kind.plural, name, *why));
  }
  return wanted;
}

bool raises_generation(const wire::Kind& kind, const json& live, const json& wanted) {
  if (!traits_of(kind).has_generation) return false;
  if (field(live, "spec") != field(wanted, "spec")) return true;
  // Deployments alone: their controller copies annotations to the ReplicaSet.
  return kind == wire::kDeployments && field(live.at("metadata"), "annotations") != field(wanted.at("metadata"), "annotations");
}

std::vector<std::string> changed_fields(const json& before, const json& after) {
  static const std::set<std::string> kServers{"metadata.resourceVersion", "metadata.generation", "metadata.uid",
                                              "metadata.creationTimestamp", "metadata.managedFields"};
  std::set<std::string> found;
  const auto compare = [&](const json& one, const json& other) {
    for (const auto& [top, value] : one.items()) {
      const json& there = field(other, top.c_str());
      if (value == there) continue;
      if (!value.is_object() || value.empty()) found.insert(top);
      if (!value.is_object()) continue;
      for (const auto& [name, member] : value.items()) {
        if (!there.is_object() || field(there, name.c_str()) != member) found.insert(top + "." + name);
      }
    }
  };
  compare(before.is_null() ? json::object() : before, after);
  compare(after, before.is_null() ? json::object() : before);
  for (const std::string& own : kServers) found.erase(own);
  return {found.begin(), found.end()};
}

}  // namespace fake
