// Bytes in any pieces -> lines. HTTP chunks are not events: one may hold many, or end in the middle of one.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace wire {

class LineFramer {
 public:
  enum class Fed { All, Refused, TooLong };
  static constexpr std::size_t kLongest = 8u << 20;  // an object of etcd's 1.5 MB, escaped, with room

  explicit LineFramer(std::size_t longest = kLongest) : longest_(longest) {}

  // Calls `line` for every line completed by `bytes`, without its "\n" or "\r\n"; empty lines are skipped. Refused: `line`
  // returned false. After anything but All the framer is not to be used any more.
  [[nodiscard]] Fed feed(std::string_view bytes, const std::function<bool(std::string_view)>& line);

 private:
  [[nodiscard]] Fed take(std::string_view whole, const std::function<bool(std::string_view)>& line) const;

  const std::size_t longest_;
  std::string begun_;
};

}  // namespace wire
