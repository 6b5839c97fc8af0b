#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "api/codec.hpp"

namespace api {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::int64_t kNano = -9;  // apimachinery keeps nothing finer
constexpr double kMostBinary = 9223372036854775807.0;

struct Suffix {
  std::string_view text;
  int base;
  int exponent;
};
constexpr std::array kSuffixes{
    Suffix{"", 10, 0},   Suffix{"n", 10, -9}, Suffix{"u", 10, -6}, Suffix{"m", 10, -3},
    Suffix{"k", 10, 3},  Suffix{"M", 10, 6},  Suffix{"G", 10, 9},  Suffix{"T", 10, 12},
    Suffix{"P", 10, 15}, Suffix{"E", 10, 18}, Suffix{"Ki", 2, 10}, Suffix{"Mi", 2, 20},
    Suffix{"Gi", 2, 30}, Suffix{"Ti", 2, 40}, Suffix{"Pi", 2, 50}, Suffix{"Ei", 2, 60},
};

std::string_view take_while(std::string_view& text, std::string_view wanted) {
  const auto end = std::min(text.find_first_not_of(wanted), text.size());
  const auto taken = text.substr(0, end);
  text.remove_prefix(end);
  return taken;
}

// "e3", "E-3": the digits are an int64 that apimachinery narrows to 32 bits.
std::optional<Suffix> scientific(std::string_view text) {
  if (text.size() < 2 || (text[0] | 0x20) != 'e') return std::nullopt;
  text.remove_prefix(1);
  if (text[0] == '+') {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Suffix{text, 10, static_cast<std::int32_t>(exponent)};
}

std::optional<Suffix> find_suffix(std::string_view text) {
  const auto found = std::find_if(kSuffixes.begin(), kSuffixes.end(), [&](const Suffix& each) { return each.text == text; });
  return found == kSuffixes.end() ? scientific(text) : std::optional(*found);
}

// A suffix without a digit before it. apimachinery's fast path takes "M" for 0, its slow one refuses "Pi" and "e-10".
bool reads_as_zero(const Suffix& suffix) { return suffix.base == 2 ? suffix.exponent < 50 : suffix.exponent >= kNano; }

void twice(std::string& digits) {
  int carry = 0;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
    const int sum = 2 * (*at - '0') + carry;
    *at = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  if (carry != 0) digits.insert(digits.begin(), '1');
}

void increment(std::string& digits) {
  for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
    if (*at != '9') {
      ++*at;
      return;
    }
    *at = '0';
  }
  digits.insert(digits.begin(), '1');
}

// digits * 10^scale, away from zero to a whole number of nanos: who asks for something never gets nothing.
void round_up_to_nano(std::string& digits, std::int64_t& scale) {
  if (scale >= kNano) return;
  const auto dropped = static_cast<size_t>(std::min<std::int64_t>(kNano - scale, static_cast<std::int64_t>(digits.size())));
  const size_t kept = digits.size() - dropped;
  const bool rest = digits.find_first_not_of('0', kept) != std::string::npos;
  digits.resize(kept);
  if (rest) increment(digits);
  if (digits.empty()) digits = "0";
  scale = kNano;
}

double as_double(const std::string& digits, std::int64_t scale) {
  const std::string text = fmt::format("{}e{}", digits, scale);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  return digits.find_first_not_of('0') == std::string::npos ? 0 : std::numeric_limits<double>::infinity();
}

}  // namespace

std::optional<double> parse_quantity(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  std::string digits(take_while(text, kDigits));
  std::int64_t scale = 0;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    const auto fraction = take_while(text, kDigits);
    digits += fraction;
    scale = -static_cast<std::int64_t>(fraction.size());
  }
  const auto suffix = find_suffix(text);
  if (!suffix) return std::nullopt;
  if (digits.empty()) {
    if (!reads_as_zero(*suffix)) return std::nullopt;
    digits = "0";
  }
  if (suffix->base == 10) {
    scale += suffix->exponent;
  } else {
    for (int i = 0; i < suffix->exponent; ++i) twice(digits);
  }
  round_up_to_nano(digits, scale);
  double value = as_double(digits, scale);
  if (suffix->base == 2) value = std::min(value, kMostBinary);
  return negative ? -value : value;
}

}  // namespace api
