#include "fake/store.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fake/kinds.hpp"
#include "fake/server_rules.hpp"

namespace fake {

using base::Fault;
using nlohmann::json;

Store::Id Store::id_of(const wire::Ref& ref) {
  return {fmt::format("{}/{}", ref.kind.group, ref.kind.plural), ref.ns, ref.name};
}

Result<json> Store::get(const wire::Ref& ref) const {
  const auto found = objects_.find(id_of(ref));
  if (found == objects_.end()) return base::fail(Fault::NotFound, fmt::format("{} not found", describe(ref)));
  return found->second;
}

// A selector of one key and value, which is all that is asked for.
bool matches(const json& object, const std::string& selector) {
  if (selector.empty()) return true;
  const auto equals = selector.find('=');
  const auto& labels = object.at("metadata").value("labels", json::object());
  return labels.value(selector.substr(0, equals), "") == selector.substr(equals + 1);
}

std::vector<json> Store::list(const wire::Collection& of) const {
  const std::string kind = fmt::format("{}/{}", of.kind.group, of.kind.plural);
  std::vector<json> out;
  for (auto it = objects_.lower_bound({kind, of.ns, ""}); it != objects_.end(); ++it) {
    const auto& [its_kind, ns, name] = it->first;
    if (its_kind != kind || (!of.ns.empty() && ns != of.ns)) break;
    if (matches(it->second, of.labels)) out.push_back(it->second);
  }
  return out;
}

Result<json> Store::create(const wire::Collection& in, json wanted, const Writer& writer) {
  auto admitted = admit_create(in, std::move(wanted));
  if (!admitted) return admitted;
  json& object = *admitted;
  const wire::Ref ref{in.kind, in.ns, object.at("metadata").at("name").get<std::string>(), "", {}};
  if (objects_.contains(id_of(ref))) return base::fail(Fault::Conflict, fmt::format("{} already exists", describe(ref)));
  if (in.kind != wire::kPods) record_owner(nullptr, object, writer, "", clock_.now());
  object["metadata"]["uid"] = fmt::format("00000000-0000-4000-8000-{:012}", ++uids_);
  object["metadata"]["creationTimestamp"] = base::to_rfc3339(clock_.now());
  commit(ref, "ADDED", object);
  return get(ref);
}

Result<json> Store::update(const wire::Ref& ref, const Edit& edit, const Writer& writer) {
  const auto live = get(ref);
  if (!live) return live;
  if (!ref.subresource.empty() && (ref.subresource != "status" || !traits_of(ref.kind).has_status)) {
    return base::fail(Fault::NotFound, fmt::format("{}: no such subresource", describe(ref)));
  }
  auto wanted = edit(*live);
  if (!wanted) return wanted;
  auto admitted = admit_update(ref, *live, std::move(*wanted));
  if (!admitted || *admitted == *live) return admitted;
  if (ref.subresource.empty() && raises_generation(ref.kind, *live, *admitted)) {
    (*admitted)["metadata"]["generation"] = live->at("metadata").at("generation").get<std::int64_t>() + 1;
  }
  if (ref.kind != wire::kPods) record_owner(*live, *admitted, writer, ref.subresource, clock_.now());
  commit(ref, "MODIFIED", std::move(*admitted));
  return get(ref);
}

Result<void> Store::remove(const wire::Ref& ref, const std::string& uid) {
  auto live = get(ref);
  if (!live) return tl::unexpected(live.error());
  if (live->at("metadata").at("uid") != uid) {
    return base::fail(Fault::Conflict, fmt::format("{}: precondition failed: another uid", describe(ref)));
  }
  commit(ref, "DELETED", std::move(*live));
  return {};
}

Result<void> Store::mark_deleted(const wire::Ref& ref) {
  auto live = get(ref);
  if (!live) return tl::unexpected(live.error());
  (*live)["metadata"]["deletionTimestamp"] = base::to_rfc3339(clock_.now());
  commit(ref, "MODIFIED", std::move(*live));
  return {};
}

std::span<const Change> Store::history(std::int64_t after) const {
  const auto skipped = static_cast<std::size_t>(after - oldest_);
  return std::span(history_).subspan(std::min(skipped, history_.size()));
}

void Store::compact() {
  history_.clear();
  oldest_ = version_;
}

void Store::commit(const wire::Ref& ref, const char* type, json object) {
  object["metadata"]["resourceVersion"] = std::to_string(++version_);
  history_.push_back({version_, ref.kind, ref.ns, fmt::format(R"({{"type":"{}","object":{}}})", type, dump(object))});
  if (std::string_view(type) == "DELETED")
    objects_.erase(id_of(ref));
  else
    objects_[id_of(ref)] = std::move(object);
}

}  // namespace fake
