#include "record/texts.hpp"

#include "base/digest.hpp"

namespace record {
namespace {

constexpr std::string_view kDots = "…";
constexpr std::size_t kLabelBytes = 63;
constexpr std::size_t kDigest = 12;

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }  // not the first byte of a character

}  // namespace

std::string cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  if (bytes < kDots.size()) return {};
  std::size_t end = bytes - kDots.size();
  while (end > 0 && continues(text[end])) --end;
  return std::string(text.substr(0, end)) += kDots;
}

std::string cut_front(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  if (bytes < kDots.size()) return {};
  std::size_t begin = text.size() - (bytes - kDots.size());
  while (begin < text.size() && continues(text[begin])) ++begin;
  return std::string(kDots) += text.substr(begin);
}

std::string cut_name(std::string_view name, std::size_t bytes) {
  std::string out(name.substr(0, bytes));
  while (out.ends_with('-') || out.ends_with('.')) out.pop_back();
  return out;
}

std::string label_value(std::string_view name) {
  if (name.size() <= kLabelBytes) return std::string(name);
  return cut_name(name, kLabelBytes - kDigest - 1) + '-' + base::digest(name, kDigest);
}

}  // namespace record
