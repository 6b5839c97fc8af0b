#include "fake/field_owners.hpp"

#include <array>
#include <map>
#include <set>
#include <string_view>
#include <vector>

namespace fake {

using nlohmann::json;

namespace {

using Path = std::vector<std::string>;  // fieldsV1 elements: "f:spec", "k:{...}", "."
using Leaves = std::map<Path, json>;
using Paths = std::set<Path>;

struct ListKey {
  std::string_view field;
  std::vector<std::string> keys;
};

// Lists whose items are owned one by one; every other list is owned as a whole.
const std::vector<ListKey>& list_keys() {
  static const std::vector<ListKey> all{
      {"containers", {"name"}},     {"initContainers", {"name"}},    {"env", {"name"}},
      {"volumes", {"name"}},        {"volumeMounts", {"mountPath"}}, {"conditions", {"type"}},
      {"ownerReferences", {"uid"}}, {"imagePullSecrets", {"name"}},  {"ports", {"containerPort", "protocol"}},
      {"decisions", {"step"}},      {"triggers", {"name"}},          {"steps", {"name"}},
      {"checklist", {"name"}},
  };
  return all;
}

constexpr std::array<std::string_view, 8> kServersOwn{
    "name", "namespace", "uid", "resourceVersion", "generation", "managedFields", "creationTimestamp", "deletionTimestamp"};

bool is_string_map(std::string_view field) { return field == "labels" || field == "annotations"; }

std::string item_key(const json& item, const std::vector<std::string>& keys) {
  json picked = json::object();
  for (const std::string& key : keys) {
    if (item.contains(key)) picked[key] = item.at(key);
  }
  return "k:" + picked.dump();
}

const ListKey* list_key(std::string_view field) {
  for (const ListKey& known : list_keys()) {
    if (known.field == field && !known.keys.empty()) return &known;
  }
  return nullptr;
}

void collect(const json& value, std::string_view field, const Path& at, Leaves& out);

void collect_members(const json& value, const Path& at, Leaves& out) {
  for (const auto& [name, member] : value.items()) {
    Path below = at;
    below.push_back("f:" + name);
    collect(member, name, below, out);
  }
}

void collect_items(const json& list, const ListKey& by, const Path& at, Leaves& out) {
  for (const json& item : list) {
    Path below = at;
    below.push_back(item_key(item, by.keys));
    collect_members(item, below, out);
    below.push_back(".");
    out.emplace(std::move(below), nullptr);
  }
}

void collect(const json& value, std::string_view field, const Path& at, Leaves& out) {
  const ListKey* by = value.is_array() ? list_key(field) : nullptr;
  if (by != nullptr) {
    collect_items(value, *by, at, out);
  } else if (value.is_object() && !value.empty() && field != "selector" && field != "nodeSelector") {
    collect_members(value, at, out);
    if (!is_string_map(field)) return;
    Path itself = at;
    itself.push_back(".");
    out.emplace(std::move(itself), nullptr);
  } else {
    out.emplace(at, value);
  }
}

Leaves leaves_of(json object) {
  if (!object.is_object()) return {};
  object.erase("apiVersion");
  object.erase("kind");
  if (object.contains("metadata")) {
    for (std::string_view own : kServersOwn) object["metadata"].erase(std::string(own));
    if (object["metadata"].empty()) object.erase("metadata");
  }
  Leaves out;
  collect_members(object, {}, out);
  return out;
}

json to_fields(const Paths& paths) {
  json fields = json::object();
  for (const Path& path : paths) {
    json* at = &fields;
    for (const std::string& element : path) {
      at = &(*at)[element];
      if (at->is_null()) *at = json::object();
    }
  }
  return fields;
}

void from_fields(const json& fields, const Path& at, Paths& out) {
  if (fields.empty() && !at.empty()) out.insert(at);
  for (const auto& [element, below] : fields.items()) {
    Path deeper = at;
    deeper.push_back(element);
    from_fields(below, deeper, out);
  }
}

struct Diff {
  Paths set;  // added, or of another value
  Paths removed;
};

Diff compare(const json& before, const json& after) {
  const Leaves old = leaves_of(before);
  const Leaves now = leaves_of(after);
  Diff change;
  for (const auto& [path, value] : now) {
    const auto was = old.find(path);
    if (was == old.end() || was->second != value) change.set.insert(path);
  }
  for (const auto& [path, value] : old) {
    if (!now.contains(path)) change.removed.insert(path);
  }
  return change;
}

bool is_entry_of(const json& entry, const Writer& writer, const std::string& subresource) {
  return entry.value("manager", "") == writer.manager && entry.value("operation", "") == writer.operation &&
         entry.value("subresource", "") == subresource;
}

json new_entry(const json& object, const Writer& writer, const std::string& subresource) {
  json entry{{"manager", writer.manager},
             {"operation", writer.operation},
             {"apiVersion", object.value("apiVersion", "")},
             {"fieldsType", "FieldsV1"},
             {"fieldsV1", json::object()}};
  if (!subresource.empty()) entry["subresource"] = subresource;
  return entry;
}

// False if the entry holds nothing any more.
bool settle_entry(json& entry, bool ours, const Diff& change, base::Instant now) {
  Paths had;
  from_fields(entry.value("fieldsV1", json::object()), {}, had);
  Paths has = had;
  for (const Path& path : change.removed) has.erase(path);
  for (const Path& path : change.set) {
    if (ours)
      has.insert(path);
    else
      has.erase(path);
  }
  if (has != had) {
    entry["fieldsV1"] = to_fields(has);
    if (ours) entry["time"] = base::to_rfc3339(now);
  }
  return !has.empty();
}

}  // namespace

void record_owner(const json& before, json& after, const Writer& writer, const std::string& subresource, base::Instant now) {
  const Diff change = compare(before, after);
  if (change.set.empty() && change.removed.empty()) return;
  json& meta = after["metadata"];
  json entries = meta.value("managedFields", json::array());
  bool found = false;
  for (const json& entry : entries) found = found || is_entry_of(entry, writer, subresource);
  if (!found && !change.set.empty()) entries.push_back(new_entry(after, writer, subresource));
  json kept = json::array();
  for (json& entry : entries) {
    if (settle_entry(entry, is_entry_of(entry, writer, subresource), change, now)) kept.push_back(entry);
  }
  if (kept.empty())
    meta.erase("managedFields");
  else
    meta["managedFields"] = kept;
}

}  // namespace fake
