// Texts of limited length. Lengths are in bytes; nothing is cut within a character.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace record {

// The beginning, with "…" for what is left out.
[[nodiscard]] std::string cut(std::string_view text, std::size_t bytes);
// The end, with "…" for what is left out: of a log the last lines matter.
[[nodiscard]] std::string cut_front(std::string_view text, std::size_t bytes);

// At most `bytes` of an object's name, and a name by itself: trailing '-' and '.' are dropped.
[[nodiscard]] std::string cut_name(std::string_view name, std::size_t bytes);

// A label value for any object's name: itself up to 63 bytes, else its beginning and a digest of the whole.
[[nodiscard]] std::string label_value(std::string_view name);

}  // namespace record
