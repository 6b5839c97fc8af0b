#include "wire/lines.hpp"

namespace wire {

LineFramer::Fed LineFramer::take(std::string_view whole, const std::function<bool(std::string_view)>& line) const {
  if (whole.size() > longest_) return Fed::TooLong;
  if (whole.ends_with('\r')) whole.remove_suffix(1);
  return whole.empty() || line(whole) ? Fed::All : Fed::Refused;
}

LineFramer::Fed LineFramer::feed(std::string_view bytes, const std::function<bool(std::string_view)>& line) {
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    const auto piece = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    Fed fed = Fed::All;
    if (begun_.empty()) {
      fed = take(piece, line);
    } else {
      begun_.append(piece);
      fed = take(begun_, line);
      begun_.clear();
    }
    if (fed != Fed::All) return fed;
  }
  begun_.append(bytes);
  return begun_.size() > longest_ ? Fed::TooLong : Fed::All;
}

}  // namespace wire
