#include "base/clock.hpp"

#include <ctime>

#include <fmt/format.h>

namespace base {
namespace {

Millis read_clock(clockid_t id) {
  timespec at{};
  clock_gettime(id, &at);
  return std::chrono::duration_cast<Millis>(std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec});
}

std::string seconds_text(Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count());
}

// Reads `count` digits at `pos` and moves on; nullopt if they are not there.
std::optional<int> digits(std::string_view text, size_t& pos, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i, ++pos) {
    if (pos >= text.size() || text[pos] < '0' || text[pos] > '9') return std::nullopt;
    value = value * 10 + (text[pos] - '0');
  }
  return value;
}

bool skip(std::string_view text, size_t& pos, char wanted) {
  if (pos >= text.size() || (text[pos] | 0x20) != (wanted | 0x20)) return false;
  ++pos;
  return true;
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view text, size_t& pos) {
  const auto year = digits(text, pos, 4);
  if (!year || !skip(text, pos, '-')) return std::nullopt;
  const auto month = digits(text, pos, 2);
  if (!month || !skip(text, pos, '-')) return std::nullopt;
  const auto day = digits(text, pos, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

std::optional<Millis> parse_time(std::string_view text, size_t& pos) {
  const auto hour = digits(text, pos, 2);
  if (!hour || *hour > 23 || !skip(text, pos, ':')) return std::nullopt;
  const auto minute = digits(text, pos, 2);
  if (!minute || *minute > 59 || !skip(text, pos, ':')) return std::nullopt;
  const auto second = digits(text, pos, 2);
  if (!second || *second > 60) return std::nullopt;
  Millis at = std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
  if (pos >= text.size() || text[pos] != '.') return at;
  const size_t begin = ++pos;
  for (int scale = 100; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, scale /= 10) {
    at += Millis{(text[pos] - '0') * scale};
  }
  return pos > begin ? std::optional(at) : std::nullopt;
}

std::optional<Millis> parse_offset(std::string_view text, size_t& pos) {
  if (skip(text, pos, 'Z')) return Millis{0};
  if (pos >= text.size() || (text[pos] != '+' && text[pos] != '-')) return std::nullopt;
  const int sign = text[pos++] == '+' ? 1 : -1;
  const auto hour = digits(text, pos, 2);
  if (!hour || *hour > 23 || !skip(text, pos, ':')) return std::nullopt;
  const auto minute = digits(text, pos, 2);
  if (!minute || *minute > 59) return std::nullopt;
  return sign * (std::chrono::hours{*hour} + std::chrono::minutes{*minute});
}

}  // namespace

Instant SystemClock::now() const { return Instant{read_clock(CLOCK_REALTIME)}; }
Millis SystemClock::boot() const { return read_clock(CLOCK_BOOTTIME); }

std::string to_rfc3339(Instant at) { return seconds_text(at) + "Z"; }

std::string to_rfc3339_micro(Instant at) {
  const auto rest = at - std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{}.{:06}Z", seconds_text(at), rest.count() * 1000);
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  size_t pos = 0;
  const auto date = parse_date(text, pos);
  if (!date || !skip(text, pos, 'T')) return std::nullopt;
  const auto time = parse_time(text, pos);
  if (!time) return std::nullopt;
  const auto offset = parse_offset(text, pos);
  if (!offset || pos != text.size()) return std::nullopt;
  return Instant{std::chrono::sys_days{*date}} + *time - *offset;
}

}  // namespace base
