// A look into JSON text without parsing it: enough to take a watch line or a page apart. Only strings and nesting are
// followed, without recursion; what is found is for a real parser to judge. Keys are compared as written.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace wire {

// The text of a member's value, if `object` is the text of a JSON object that has it.
[[nodiscard]] std::optional<std::string_view> member(std::string_view object, std::string_view key);

// What stands between the quotes of the string at a path of keys, if it is one without escapes; "" for anything else. The text
// behind it is not looked at.
[[nodiscard]] std::string_view plain_string(std::string_view object, std::initializer_list<std::string_view> path);

// The page of a list: calls `each` with every item's own text, in order. Fault::Invalid if the text is cut, broken or no list:
// read as an empty one, everything known would seem to be deleted.
[[nodiscard]] base::Result<void> for_each_item(std::string_view list, const std::function<void(std::string_view)>& each);

}  // namespace wire
