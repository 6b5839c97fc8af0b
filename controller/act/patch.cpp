#include "act/patch.hpp"

#include <array>
#include <utility>

namespace act {
namespace {

// What Go escapes and nlohmann does not. None of these occurs in JSON outside of a string.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEscaped{{
    {"<", "\\u003c"},
    {">", "\\u003e"},
    {"&", "\\u0026"},
    {"\xe2\x80\xa8", "\\u2028"},
    {"\xe2\x80\xa9", "\\u2029"},
}};

}  // namespace

std::string spelt_as_go(const std::string& json_text) {
  std::string out;
  out.reserve(json_text.size());
  const std::string_view text = json_text;
  for (size_t at = 0; at < text.size();) {
    std::string_view from = text.substr(at, 1);
    std::string_view to = from;
    for (const auto& [plain, escaped] : kEscaped) {
      if (text.substr(at, plain.size()) == plain) {
        from = plain;
        to = escaped;
      }
    }
    out += to;
    at += from.size();
  }
  return out;
}

std::string below(std::string_view path, std::string_view key) {
  std::string out(path);
  out += '/';
  for (const char each : key) {
    if (each == '~') {
      out += "~0";
    } else if (each == '/') {
      out += "~1";
    } else {
      out += each;
    }
  }
  return out;
}

Patch& Patch::with(const char* operation, std::string_view path) {
  operations_.push_back({{"op", operation}, {"path", path}});
  return *this;
}

Patch& Patch::test(std::string_view path, nlohmann::json value) {
  with("test", path).operations_.back()["value"] = std::move(value);
  return *this;
}

Patch& Patch::add(std::string_view path, nlohmann::json value) {
  with("add", path).operations_.back()["value"] = std::move(value);
  return *this;
}

Patch& Patch::replace(std::string_view path, nlohmann::json value) {
  with("replace", path).operations_.back()["value"] = std::move(value);
  return *this;
}

Patch& Patch::remove(std::string_view path) { return with("remove", path); }

std::string Patch::text() const {
  return spelt_as_go(operations_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace act
