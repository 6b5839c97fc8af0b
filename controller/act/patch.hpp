// A JSON patch in the making. The API server compares the strings of a `test` byte by byte, in the spelling that Go's encoder
// gave them ("&&" is "\u0026\u0026"): the text of a patch is spelt like that, or a template with one '&' could never be tested.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace act {

class Patch {
 public:
  Patch& test(std::string_view path, nlohmann::json value);
  Patch& add(std::string_view path, nlohmann::json value);
  Patch& replace(std::string_view path, nlohmann::json value);
  Patch& remove(std::string_view path);

  [[nodiscard]] std::string text() const;

 private:
  Patch& with(const char* operation, std::string_view path);

  nlohmann::json operations_ = nlohmann::json::array();
};

// "/metadata/annotations" and "a.b/c" are "/metadata/annotations/a.b~1c".
[[nodiscard]] std::string below(std::string_view path, std::string_view key);

// A JSON text as Go's encoder escapes it.
[[nodiscard]] std::string spelt_as_go(const std::string& json_text);

}  // namespace act
