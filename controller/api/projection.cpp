#include "api/projection.hpp"

#include <fmt/format.h>
#include <simdjson.h>

namespace api {
namespace {

using base::Fault;
using nlohmann::json;
namespace dom = simdjson::dom;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr size_t kMaxDepth = 64;

// For a type that was looked at before.
template <class T>
T as(const dom::element& from) {
  T out{};
  if (from.get(out) != simdjson::SUCCESS) std::abort();
  return out;
}

json whole(const dom::element& from) {
  switch (from.type()) {
    case dom::element_type::OBJECT: {
      json out = json::object();
      const auto members = as<dom::object>(from);
      for (const auto& [name, value] : members) out[std::string(name)] = whole(value);
      return out;
    }
    case dom::element_type::ARRAY: {
      json out = json::array();
      const auto items = as<dom::array>(from);
      for (const auto& each : items) out.push_back(whole(each));
      return out;
    }
    case dom::element_type::STRING:
      return as<std::string_view>(from);
    case dom::element_type::INT64: {
      const auto number = as<std::int64_t>(from);
      return number < 0 ? json(number) : json(static_cast<std::uint64_t>(number));
    }
    case dom::element_type::UINT64:
      return as<std::uint64_t>(from);
    case dom::element_type::DOUBLE:
      return as<double>(from);
    case dom::element_type::BOOL:
      return as<bool>(from);
    case dom::element_type::NULL_VALUE:
      return nullptr;
  }
  std::abort();
}

// nullopt: a scalar where a branch is wanted.
std::optional<json> kept(const dom::element& from, const Keep& wanted) {
  if (wanted.keys.empty()) return whole(from);
  if (from.is_array()) {
    json out = json::array();
    const auto items = as<dom::array>(from);
    for (const auto& each : items) {
      if (auto value = kept(each, wanted)) out.push_back(*std::move(value));
    }
    return out;
  }
  if (!from.is_object()) return std::nullopt;
  json out = json::object();
  const auto members = as<dom::object>(from);
  for (const auto& [name, member] : members) {
    const auto found = wanted.keys.find(name);
    if (found == wanted.keys.end()) continue;
    if (auto value = kept(member, found->second)) out[found->first] = *std::move(value);
  }
  return out;
}

// One for each thread: its buffers are used again, and stay as large as the largest text needed them.
dom::parser& parser() {
  thread_local dom::parser one = [] {
    dom::parser made;
    if (made.allocate(size_t{64} * 1024, kMaxDepth) != simdjson::SUCCESS) std::abort();  // grows with the text; the depth stays
    return made;
  }();
  return one;
}

base::Error told_by(simdjson::error_code code) {
  if (code == simdjson::DEPTH_ERROR) return {Fault::Invalid, fmt::format("nested deeper than {} levels", kMaxDepth)};
  return {Fault::Invalid, fmt::format("malformed JSON: {}", simdjson::error_message(code))};
}

void add(Keep& root, std::string_view path) {
  Keep* at = &root;
  while (true) {
    const size_t dot = path.find('.');
    const auto [entry, fresh] = at->keys.try_emplace(std::string(path.substr(0, dot)));
    at = &entry->second;
    if (!fresh && at->keys.empty()) return;  // a shorter path keeps all of it already
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  at->keys.clear();
}

}  // namespace

Keep keep(std::initializer_list<std::string_view> paths) {
  Keep root;
  for (const std::string_view path : paths) add(root, path);
  return root;
}

base::Result<json> project(std::string_view text, const Keep& wanted) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  dom::element root;
  if (const auto code = parser().parse(text.data(), text.size()).get(root)) return tl::unexpected(told_by(code));
  if (!root.is_object()) return base::fail(Fault::Invalid, "not a JSON object");
  return *kept(root, wanted);
}

}  // namespace api
