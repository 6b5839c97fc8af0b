#include "wire/json_text.hpp"

namespace wire {
namespace {

constexpr auto kNone = std::string_view::npos;

std::size_t skip_space(std::string_view text, std::size_t at) {
  const auto next = text.find_first_not_of(" \t\r\n", at);
  return next == kNone ? text.size() : next;
}

// Behind the closing quote of the string that begins at `at`: the next quote with an even number of backslashes before it. Most
// of an object is strings, and looking for one character is what a library does fastest.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (auto end = text.find('"', at + 1); end != kNone; end = text.find('"', end + 1)) {
    std::size_t slashes = 0;
    while (text[end - 1 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 0) return end + 1;
  }
  return kNone;
}

// Behind the closing bracket of the object or array that begins at `at`.
std::size_t skip_nested(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      if (at == kNone) return kNone;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return kNone;
}

std::size_t skip_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return kNone;
  if (text[at] == '"') return skip_string(text, at);
  if (text[at] == '{' || text[at] == '[') return skip_nested(text, at);
  const auto end = text.find_first_of(",}] \t\r\n", at);
  return end == at ? kNone : end;
}

}  // namespace

std::optional<std::string_view> member(std::string_view object, std::string_view key) {
  auto at = skip_space(object, 0);
  if (at >= object.size() || object[at] != '{') return std::nullopt;
  at = skip_space(object, at + 1);
  while (at < object.size() && object[at] == '"') {
    const auto key_end = skip_string(object, at);
    if (key_end == kNone) return std::nullopt;
    const auto name = object.substr(at + 1, key_end - at - 2);
    at = skip_space(object, key_end);
    if (at >= object.size() || object[at] != ':') return std::nullopt;
    at = skip_space(object, at + 1);
    const auto end = skip_value(object, at);
    if (end == kNone) return std::nullopt;
    if (name == key) return object.substr(at, end - at);
    at = skip_space(object, end);
    if (at >= object.size() || object[at] != ',') return std::nullopt;
    at = skip_space(object, at + 1);
  }
  return std::nullopt;
}

std::string_view plain_string(std::string_view object, std::string_view key) {
  const auto value = member(object, key);
  if (!value || value->size() < 2 || value->front() != '"' || value->find('\\') != kNone) return {};
  return value->substr(1, value->size() - 2);
}

}  // namespace wire
