#include "wire/json_text.hpp"

#include <fmt/format.h>

namespace wire {
namespace {

using base::Fault;

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
  const auto end = text.find_first_of(",:}] \t\r\n", at);
  return end == at ? kNone : end;
}

// Goes over the members of an object, or the elements of an array.
class Walk {
 public:
  Walk(std::string_view text, char opening, char closing) : text_(text), closing_(closing), at_(skip_space(text, 0)) {
    is_open_ = take(opening);
    if (is_open_) close();
  }

  [[nodiscard]] bool is_open() const { return is_open_; }    // a key or a value is to come
  [[nodiscard]] bool is_whole() const { return is_whole_; }  // the closing bracket came
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

  // Of the member that begins here; its value is next.
  std::optional<std::string_view> key() {
    const auto begin = at_;
    const auto end = at_ < text_.size() && text_[at_] == '"' ? skip_string(text_, at_) : kNone;
    if (end == kNone) return std::nullopt;
    at_ = skip_space(text_, end);
    return take(':') ? std::optional(text_.substr(begin + 1, end - begin - 2)) : std::nullopt;
  }
  std::optional<std::string_view> value() {
    const auto begin = at_;
    const auto end = skip_value(text_, at_);
    if (end == kNone) return std::nullopt;
    at_ = skip_space(text_, end);
    if (!close()) is_open_ = take(',');
    return text_.substr(begin, end - begin);
  }

 private:
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    at_ = skip_space(text_, at_ + 1);
    return true;
  }
  bool close() {
    is_whole_ = take(closing_);
    if (is_whole_) is_open_ = false;
    return is_whole_;
  }

  std::string_view text_;
  char closing_;
  std::size_t at_;
  bool is_open_ = false;
  bool is_whole_ = false;
};

// The text from the value of a member on, whatever comes behind it; "" if there is none.
std::string_view from(std::string_view object, std::string_view key) {
  Walk walk(object, '{', '}');
  while (walk.is_open()) {
    const auto name = walk.key();
    if (!name) break;
    if (*name == key) return walk.rest();
    if (!walk.value()) break;
  }
  return {};
}

tl::unexpected<base::Error> broken(const Walk& list) {
  return base::fail(Fault::Invalid, fmt::format("list: malformed JSON at byte {}", list.at()));
}

}  // namespace

std::optional<std::string_view> member(std::string_view object, std::string_view key) {
  const auto rest = from(object, key);
  const auto end = skip_value(rest, 0);
  return end == kNone ? std::nullopt : std::optional(rest.substr(0, end));
}

std::string_view plain_string(std::string_view object, std::initializer_list<std::string_view> path) {
  for (const auto key : path) object = from(object, key);
  const auto end = object.starts_with('"') ? skip_string(object, 0) : kNone;
  if (end == kNone) return {};
  const auto text = object.substr(1, end - 2);
  return text.find('\\') == kNone ? text : std::string_view();
}

base::Result<void> for_each_item(std::string_view list, const std::function<void(std::string_view)>& each) {
  bool found = false;
  Walk members(list, '{', '}');
  while (members.is_open()) {
    const auto name = members.key();
    const auto value = name ? members.value() : std::nullopt;
    if (!value) return broken(members);
    if (*name != "items") continue;
    found = true;
    if (*value == "null") continue;
    Walk items(*value, '[', ']');
    while (items.is_open()) {
      const auto item = items.value();
      if (!item) return broken(members);
      each(*item);
    }
    if (!items.is_whole()) return broken(members);
  }
  if (!members.is_whole() || members.at() != list.size()) return broken(members);
  if (!found) return base::fail(Fault::Invalid, "list: it has no field items");
  return {};
}

}  // namespace wire
