// A look into JSON text without parsing it: enough to take a watch line or a page apart. Only strings and nesting are
// followed, without recursion; what is found is for a real parser to judge.
#pragma once

#include <optional>
#include <string_view>

namespace wire {

// The text of a member's value, if `object` is the text of a JSON object that has it. Keys are compared as written.
[[nodiscard]] std::optional<std::string_view> member(std::string_view object, std::string_view key);

// What stands between the quotes of a member that is a string without escapes; "" for anything else.
[[nodiscard]] std::string_view plain_string(std::string_view object, std::string_view key);

}  // namespace wire
