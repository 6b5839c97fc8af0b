#include <stdexcept>

#include "fake/fake_cluster.hpp"
#include "fake/kinds.hpp"

namespace fake {

using nlohmann::json;

namespace {

template <class T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error("refused by the fake cluster: " + result.error().what);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

std::optional<json> Actor::find(const wire::Ref& ref) const {
  std::lock_guard hold(cluster_.mutex_);
  auto found = cluster_.store_.get(ref);
  return found ? std::optional(std::move(*found)) : std::nullopt;
}

json Actor::get(const wire::Ref& ref) const {
  std::lock_guard hold(cluster_.mutex_);
  return must(cluster_.store_.get(ref));
}

std::vector<json> Actor::list(const wire::Kind& kind, const std::string& ns) const {
  std::lock_guard hold(cluster_.mutex_);
  return cluster_.store_.list({kind, ns});
}

json Actor::create(json object) {
  const wire::Kind& kind = kind_of(object);
  const std::string ns = object.at("metadata").value("namespace", "");
  json made = [&] {
    std::lock_guard hold(cluster_.mutex_);
    return must(cluster_.store_.create({kind, ns}, std::move(object), writer_));
  }();
  cluster_.publish();
  return made;
}

json Actor::update(const wire::Ref& ref, const std::function<void(json&)>& edit) {
  json made = [&] {
    std::lock_guard hold(cluster_.mutex_);
    const auto apply = [&](json live) -> base::Result<json> {
      edit(live);
      return live;
    };
    return must(cluster_.store_.update(ref, apply, writer_));
  }();
  cluster_.publish();
  return made;
}

void Actor::remove(const wire::Ref& ref) {
  {
    std::lock_guard hold(cluster_.mutex_);
    const json live = must(cluster_.store_.get(ref));
    must(cluster_.store_.remove(ref, live.at("metadata").at("uid")));
  }
  cluster_.publish();
}

void Actor::mark_deleted(const wire::Ref& ref) {
  {
    std::lock_guard hold(cluster_.mutex_);
    must(cluster_.store_.mark_deleted(ref));
  }
  cluster_.publish();
}

}  // namespace fake
