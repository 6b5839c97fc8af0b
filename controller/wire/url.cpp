#include "wire/url.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wire {
namespace {

constexpr std::size_t kMaxSegment = 253;

bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    if (is_unreserved(c)) {
      out += static_cast<char>(c);
    } else {
      out += fmt::format("%{:02X}", c);
    }
  }
  return out;
}

bool is_segment(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSegment && text != "." && text != ".." &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c == '/' || c == '%' || c < ' ' || c == 0x7f; });
}

std::string root(const Kind& kind) {
  return kind.group.empty() ? fmt::format("/api/{}", kind.version) : fmt::format("/apis/{}/{}", kind.group, kind.version);
}

tl::unexpected<base::Error> not_a_name(std::string_view what, std::string_view text) {
  return base::fail(base::Fault::Invalid, fmt::format("{} cannot be {} of an object", escaped(text.substr(0, 64)), what));
}

}  // namespace

Result<std::string> collection_path(const Collection& of) {
  if (of.ns.empty()) return fmt::format("{}/{}", root(of.kind), of.kind.plural);
  if (!is_segment(of.ns)) return not_a_name("the namespace", of.ns);
  return fmt::format("{}/namespaces/{}/{}", root(of.kind), escaped(of.ns), of.kind.plural);
}

Result<std::string> object_path(const Ref& ref) {
  const auto path = collection_path({ref.kind, ref.ns});
  if (!path) return path;
  if (!is_segment(ref.name)) return not_a_name("the name", ref.name);
  auto object = fmt::format("{}/{}", *path, escaped(ref.name));
  if (ref.subresource.empty()) return object;
  if (!is_segment(ref.subresource)) return not_a_name("a subresource", ref.subresource);
  return fmt::format("{}/{}", object, escaped(ref.subresource));
}

std::string query_text(const Query& query) {
  std::string out;
  for (const auto& [key, value] : query) out += fmt::format("{}{}={}", out.empty() ? '?' : '&', escaped(key), escaped(value));
  return out;
}

std::string spoken(std::string_view verb, const Ref& ref) {
  return fmt::format("{} {}{}{} {}{}{}", verb, ref.kind.plural, ref.subresource.empty() ? "" : "/", ref.subresource, ref.ns,
                     ref.ns.empty() ? "" : "/", ref.name);
}

std::string spoken(std::string_view verb, const Collection& of) {
  return fmt::format("{} {} in {}", verb, of.kind.plural, of.ns.empty() ? "all namespaces" : of.ns);
}

}  // namespace wire
