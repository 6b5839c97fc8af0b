#include "fake/fake_cluster.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "fake/kinds.hpp"
#include "fake/patch.hpp"
#include "fake/server_rules.hpp"

namespace fake {

using base::Fault;
using nlohmann::json;

namespace {

const Writer kController{std::string(wire::kFieldManager)};

Call call_of(const char* verb, const wire::Ref& ref, const std::string& body = "") {
  return {verb, ref.kind, ref.ns, ref.name, ref.subresource, body};
}

Call call_of(const char* verb, const wire::Collection& of, const std::string& name = "", const std::string& body = "") {
  return {verb, of.kind, of.ns, name, "", body};
}

// The first two levels of every path that the patch would change.
std::vector<std::string> asked_by(const json& operations) {
  std::set<std::string> asked;
  if (!operations.is_array()) return {};
  for (const json& operation : operations) {
    if (operation.value("op", "") == "test") continue;
    const std::string path = operation.value("path", "");
    const auto second = path.find('/', 1);
    std::string field =
        path.substr(path.empty() ? 0 : 1, second == std::string::npos ? second : path.find('/', second + 1) - 1);
    std::replace(field.begin(), field.end(), '/', '.');
    asked.insert(field);
  }
  return {asked.begin(), asked.end()};
}

std::string log_key(const std::string& ns, const std::string& pod, const std::string& container, Instance which) {
  return fmt::format("{}/{}/{}/{}", ns, pod, container, which == Instance::Previous ? "previous" : "current");
}

}  // namespace

// Owners change with every write; they count where they were asked for.
std::vector<std::string> FakeCluster::changed_by(const Done& done, const std::vector<std::string>& asked) {
  static const std::string kOwners = "metadata.managedFields";
  auto fields = changed_fields(done.before, done.after);
  const bool is_asked = std::find(asked.begin(), asked.end(), kOwners) != asked.end();
  const json::json_pointer owners("/metadata/managedFields");
  if (is_asked && done.before.value(owners, json()) != done.after.value(owners, json())) {
    fields.insert(std::lower_bound(fields.begin(), fields.end(), kOwners), kOwners);
  }
  return fields;
}

Result<std::string> FakeCluster::get(const wire::Ref& ref) {
  if (auto lost = judge(call_of("get", ref)).lost_request) return tl::unexpected(*lost);
  std::lock_guard hold(mutex_);
  if (ref.subresource == "log") return read_log(ref);
  return store_.get(ref).map(dump);
}

Result<std::string> FakeCluster::read_log(const wire::Ref& ref) const {
  std::string container;
  Instance which = Instance::Current;
  for (const auto& [name, value] : ref.query) {
    if (name == "container") container = value;
    if (name == "previous" && value == "true") which = Instance::Previous;
  }
  const auto found = logs_.find(log_key(ref.ns, ref.name, container, which));
  if (found == logs_.end())
    return base::fail(Fault::Invalid,
                      fmt::format("{}: no such terminated or running container \"{}\"", describe(ref), container));
  return found->second;
}

Result<std::string> FakeCluster::create(const wire::Collection& in, const std::string& body) {
  const json wanted = json::parse(body, nullptr, false);
  if (wanted.is_discarded()) return base::fail(Fault::Invalid, "the body is not JSON");
  if (in.kind == wire::kAccessReviews) return review(wanted);
  const std::string name = wanted.value("/metadata/name"_json_pointer, "");
  return write(call_of("create", in, name, body), changed_fields(nullptr, wanted), [&]() -> Result<Done> {
    return store_.create(in, wanted, kController).map([](json made) { return Done{nullptr, std::move(made)}; });
  });
}

// A question, and no write: nothing is stored.
Result<std::string> FakeCluster::review(json asked) const {
  const json& attributes = asked.at("spec").at("resourceAttributes");
  const std::string verb = attributes.at("verb"), resource = attributes.at("resource");
  std::lock_guard hold(mutex_);
  asked["status"]["allowed"] = !forbidden_.contains(verb + " " + resource);
  return dump(asked);
}

void FakeCluster::forbid(const std::string& what, bool is_forbidden) {
  std::lock_guard hold(mutex_);
  if (is_forbidden)
    forbidden_.insert(what);
  else
    forbidden_.erase(what);
}

Result<std::string> FakeCluster::json_patch(const wire::Ref& ref, const std::string& operations) {
  const json parsed = json::parse(operations, nullptr, false);
  if (parsed.is_discarded()) return base::fail(Fault::Invalid, "the patch is not JSON");
  return write(call_of("patch", ref, operations), asked_by(parsed), [&]() -> Result<Done> {
    json before;
    const auto edit = [&](const json& live) {
      before = live;
      return apply_patch(live, parsed);
    };
    return store_.update(ref, edit, kController).map([&](json made) { return Done{before, std::move(made)}; });
  });
}

Result<void> FakeCluster::remove(const wire::Ref& ref, const std::string& uid) {
  auto done =
      write(call_of("delete", ref), {}, [&]() -> Result<Done> { return store_.remove(ref, uid).map([] { return Done{}; }); });
  return done.map([](const std::string&) {});
}

Result<std::string> FakeCluster::write(const Call& call, std::vector<std::string> asked,
                                       const std::function<Result<Done>()>& commit) {
  Write entry{call.verb, call.kind, call.ns, call.name, call.subresource, std::move(asked), false};
  const Verdict verdict = judge(call);
  Result<std::string> answer = [&]() -> Result<std::string> {
    std::lock_guard hold(mutex_);
    const Result<Done> done = verdict.lost_request ? tl::unexpected(*verdict.lost_request) : commit();
    entry.accepted = done.has_value();
    if (done && call.verb != "delete") entry.fields = changed_by(*done, entry.fields);
    writes_.push_back(std::move(entry));
    return done.map([](const Done& d) { return dump(d.after); });
  }();
  publish();
  leave(verdict);
  if (verdict.lost_answer) return tl::unexpected(*verdict.lost_answer);
  return answer;
}

std::vector<Write> FakeCluster::writes() const {
  std::lock_guard hold(mutex_);
  return writes_;
}

void FakeCluster::set_log(const std::string& ns, const std::string& pod, const std::string& container, Instance which,
                          std::string text) {
  std::lock_guard hold(mutex_);
  logs_[log_key(ns, pod, container, which)] = std::move(text);
}

Actor FakeCluster::as_user(const std::string& manager, const std::string& operation) { return {*this, {manager, operation}}; }

}  // namespace fake
