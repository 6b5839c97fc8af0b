#include <fmt/format.h>

#include "api/projection.hpp"

namespace api {
namespace {

using base::Fault;
using base::Result;

// Finds where values begin and end without reading them: what is wanted is parsed by its own codec, which is the one to judge
// it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool take(char wanted) {
    space();
    if (pos_ >= text_.size() || text_[pos_] != wanted) return false;
    ++pos_;
    return true;
  }
  [[nodiscard]] bool done() {
    space();
    return pos_ == text_.size();
  }
  [[nodiscard]] size_t pos() const { return pos_; }

  // The characters between the quotes, escapes as they stand.
  std::optional<std::string_view> string() {
    if (!take('"')) return std::nullopt;
    const size_t begin = pos_;
    for (; pos_ < text_.size(); ++pos_) {
      if (text_[pos_] == '\\') {
        ++pos_;
      } else if (text_[pos_] == '"') {
        return text_.substr(begin, pos_++ - begin);
      }
    }
    return std::nullopt;
  }

  std::optional<std::string_view> value() {
    space();
    const size_t begin = pos_;
    if (pos_ >= text_.size()) return std::nullopt;
    const char first = text_[pos_];
    const bool whole = first == '"' ? string().has_value() : first == '{' || first == '[' ? container() : word();
    return whole ? std::optional(text_.substr(begin, pos_ - begin)) : std::nullopt;
  }

 private:
  void space() { pos_ = std::min(text_.find_first_not_of(" \t\r\n", pos_), text_.size()); }

  bool word() {
    const size_t begin = pos_;
    pos_ = std::min(text_.find_first_of(",:]} \t\r\n", pos_), text_.size());
    return pos_ > begin;
  }

  bool container() {
    size_t depth = 0;
    while (true) {
      pos_ = text_.find_first_of("{}[]\"", pos_);
      if (pos_ >= text_.size()) return false;
      const char at = text_[pos_];
      if (at == '"') {
        if (!string()) return false;
        continue;
      }
      ++pos_;
      depth += at == '{' || at == '[' ? 1 : -1;
      if (depth == 0) return true;
    }
  }

  std::string_view text_;
  size_t pos_ = 0;
};

using Member = std::function<Result<void>(std::string_view name, std::string_view value)>;

base::Error malformed(std::string_view what, const Scanner& at) {
  return {Fault::Invalid, fmt::format("{}: malformed JSON at byte {}", what, at.pos())};
}

// Calls `each` with every member of the object that `text` is.
Result<void> for_each_member(std::string_view what, std::string_view text, const Member& each) {
  Scanner scan(text);
  const auto broken = [&] { return tl::unexpected(malformed(what, scan)); };
  if (!scan.take('{')) return broken();
  if (!scan.take('}')) {
    do {
      const auto name = scan.string();
      if (!name || !scan.take(':')) return broken();
      const auto value = scan.value();
      if (!value) return broken();
      if (auto ok = each(*name, *value); !ok) return ok;
    } while (scan.take(','));
    if (!scan.take('}')) return broken();
  }
  if (!scan.done()) return broken();
  return {};
}

Result<void> for_each_element(std::string_view array, const std::function<void(std::string_view)>& each) {
  Scanner scan(array);
  const auto broken = [&] { return tl::unexpected(malformed("items of a list", scan)); };
  if (!scan.take('[')) return broken();
  if (scan.take(']')) return {};
  do {
    const auto value = scan.value();
    if (!value) return broken();
    each(*value);
  } while (scan.take(','));
  if (!scan.take(']')) return broken();
  return {};
}

}  // namespace

Result<void> for_each_item(std::string_view list_text, const std::function<void(std::string_view)>& each) {
  bool found = false;
  auto read = for_each_member("list", list_text, [&](std::string_view name, std::string_view value) -> Result<void> {
    if (name != "items") return {};
    found = true;
    return value == "null" ? Result<void>{} : for_each_element(value, each);
  });
  // Without this, an answer that is no list would read as an empty one, and everything known would seem deleted.
  if (read && !found) return base::fail(Fault::Invalid, "list: it has no field items");
  return read;
}

Result<WatchLine> split_watch_line(std::string_view line) {
  WatchLine event;
  auto read = for_each_member("watch event", line, [&](std::string_view name, std::string_view value) -> Result<void> {
    if (name == "type" && value.front() == '"') event.type = value.substr(1, value.size() - 2);
    if (name == "object" && value.front() == '{') event.object = value;
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  if (event.type.empty() || event.object.empty()) {
    return base::fail(Fault::Invalid, "watch event: it needs a text in type and an object in object");
  }
  return event;
}

}  // namespace api
