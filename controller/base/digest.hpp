// Names made from content.
#pragma once

#include <string>
#include <string_view>

namespace base {

// First `hex` characters (at most 64) of the SHA-256 of `text`, lower case.
[[nodiscard]] std::string digest(std::string_view text, size_t hex = 16);

}  // namespace base
