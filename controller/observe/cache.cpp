#include "observe/cache.hpp"

#include <utility>

#include "api/codec.hpp"
#include "observe/view.hpp"
#include "wire/json_text.hpp"

namespace observe {
namespace {

// Calls `use` with the codec of a kind: its result says which type the kind has.
template <class F>
Result<void> with_codec(const wire::Kind& kind, F&& use) {
  if (kind == wire::kPolicies) return use(api::parse_policy);
  if (kind == wire::kRollbacks) return use(api::parse_rollback);
  if (kind == wire::kDeployments) return use(api::parse_deployment);
  if (kind == wire::kReplicaSets) return use(api::parse_replica_set);
  if (kind == wire::kPods) return use(api::parse_pod);
  if (kind == wire::kServices) return use(api::parse_service);
  return {};
}

template <class Codec>
using TypeOf = typename std::invoke_result_t<Codec, std::string_view>::value_type;

template <class T>
Result<T> parse(Result<T> (*codec)(std::string_view), std::string_view text) {
  auto object = codec(text);
  if (object && (object->meta.uid.empty() || object->meta.name.empty()))
    return base::fail(base::Fault::Invalid, "an object without metadata.name or metadata.uid came from the API server");
  return object;
}

}  // namespace

std::vector<wire::Kind> kept_kinds(bool services) {
  std::vector<wire::Kind> kinds{wire::kPolicies, wire::kRollbacks, wire::kDeployments, wire::kReplicaSets, wire::kPods};
  if (services) kinds.push_back(wire::kServices);
  return kinds;
}

Cache::Cache(const base::Clock& clock, const std::vector<wire::Kind>& kinds, std::vector<std::string> namespaces,
             OnTouched on_touched)
    : clock_(clock), on_touched_(std::move(on_touched)) {
  if (namespaces.empty()) namespaces.emplace_back();
  state_.with([&](State& state) {
    for (const auto& kind : kinds) {
      for (const auto& ns : namespaces) state.missing.emplace(kind.plural, ns);
    }
  });
}

template <class F>
void Cache::change(F&& use) {
  const auto touched = state_.with([&](State& state) {
    const bool was_synced = state.missing.empty();
    use(state);
    auto concerned = state.store.take_touched();
    if (!state.missing.empty()) return std::set<api::Key>{};
    return was_synced ? std::move(concerned) : policies_of(state.store.tables());
  });
  for (const auto& key : touched) on_touched_(key);
}

void Cache::begin(const wire::Collection& of) {
  change([&](State& state) { state.listings[Scope(of.kind.plural, of.ns)] = state.store.begin_listing(); });
}

Result<void> Cache::put_list(const wire::Collection& of, std::string_view page) {
  return with_codec(of.kind, [&](auto codec) -> Result<void> {
    std::vector<TypeOf<decltype(codec)>> objects;
    Result<void> outcome;
    auto whole = wire::for_each_item(page, [&](std::string_view text) {
      auto object = parse(codec, text);
      if (object) {
        objects.push_back(std::move(*object));
      } else {
        outcome = tl::unexpected(object.error());
      }
    });
    change([&](State& state) {
      for (auto& object : objects) state.store.put(std::move(object), clock_.now());
    });
    return whole ? outcome : whole;
  });
}

void Cache::end(const wire::Collection& of) {
  std::ignore = with_codec(of.kind, [&](auto codec) -> Result<void> {
    change([&](State& state) {
      const auto listing = state.listings.extract(Scope(of.kind.plural, of.ns));
      if (listing.empty()) return;
      state.store.end_listing<TypeOf<decltype(codec)>>(of.ns, listing.mapped());
      state.missing.erase(listing.key());
    });
    return {};
  });
}

Result<void> Cache::apply(const wire::Collection& of, std::string_view type, std::string_view text) {
  return with_codec(of.kind, [&](auto codec) -> Result<void> {
    auto object = parse(codec, text);
    if (!object) return tl::unexpected(object.error());
    change([&](State& state) {
      if (type == "DELETED") {
        state.store.remove(*object);
      } else {
        state.store.put(std::move(*object), clock_.now());
      }
    });
    return {};
  });
}

Result<void> Cache::learn(const wire::Kind& kind, std::string_view text) {
  return with_codec(kind, [&](auto codec) -> Result<void> {
    auto object = parse(codec, text);
    if (!object) return tl::unexpected(object.error());
    change([&](State& state) { state.store.learn(std::move(*object), clock_.now()); });
    return {};
  });
}

bool Cache::synced() const {
  return state_.with([](const State& state) { return state.missing.empty(); });
}

}  // namespace observe
