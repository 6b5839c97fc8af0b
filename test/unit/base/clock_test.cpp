#include "base/clock.hpp"

#include <random>

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using base::Instant;
using base::Millis;

Instant utc(int year, unsigned month, unsigned day, Millis time = 0ms) {
  return Instant{std::chrono::sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}}} + time;
}

struct Time {
  const char* name;
  const char* text;
  std::optional<Instant> want;
};
class ParseTime : public testing::TestWithParam<Time> {};
TEST_P(ParseTime, Exactly) { EXPECT_EQ(base::parse_rfc3339(GetParam().text), GetParam().want); }

const Instant kPlain = utc(2026, 1, 2, 3h + 4min + 5s);
INSTANTIATE_TEST_SUITE_P(
    Read, ParseTime,
    testing::Values(
        Time{"seconds", "2026-01-02T03:04:05Z", kPlain}, Time{"lower_case", "2026-01-02t03:04:05z", kPlain},
        Time{"millis", "2026-01-02T03:04:05.678Z", kPlain + 678ms}, Time{"tenth", "2026-01-02T03:04:05.6Z", kPlain + 600ms},
        Time{"micros_are_cut", "2026-01-02T03:04:05.999999Z", kPlain + 999ms},
        Time{"twelve_digits", "2026-01-02T03:04:05.123456789012Z", kPlain + 123ms},
        Time{"east", "2026-01-02T17:04:05+14:00", kPlain}, Time{"west", "2026-01-01T20:34:05-06:30", kPlain},
        Time{"minus_zero", "2026-01-02T03:04:05-00:00", kPlain}, Time{"leap_second", "2016-12-31T23:59:60Z", utc(2017, 1, 1)},
        Time{"leap_day", "2024-02-29T00:00:00Z", utc(2024, 2, 29)}, Time{"epoch", "1970-01-01T00:00:00Z", Instant{}},
        Time{"before_epoch", "1969-12-31T23:59:59.5Z", Instant{-500ms}}, Time{"year_0", "0000-01-01T00:00:00Z", utc(0, 1, 1)},
        Time{"year_9999", "9999-12-31T23:59:59Z", utc(9999, 12, 31, 23h + 59min + 59s)}),
    [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(
    Refused, ParseTime,
    testing::Values(Time{"empty", "", {}}, Time{"no_such_day", "2026-02-30T00:00:00Z", {}},
                    Time{"no_leap_day", "2026-02-29T00:00:00Z", {}}, Time{"month_13", "2026-13-01T00:00:00Z", {}},
                    Time{"month_0", "2026-00-01T00:00:00Z", {}}, Time{"hour_24", "2026-01-02T24:00:00Z", {}},
                    Time{"minute_60", "2026-01-02T03:60:00Z", {}}, Time{"second_61", "2026-01-02T03:04:61Z", {}},
                    Time{"no_zone", "2026-01-02T03:04:05", {}}, Time{"offset_24", "2026-01-02T03:04:05+24:00", {}},
                    Time{"offset_minute_60", "2026-01-02T03:04:05+01:60", {}},
                    Time{"offset_short", "2026-01-02T03:04:05+0100", {}}, Time{"no_fraction", "2026-01-02T03:04:05.Z", {}},
                    Time{"blank_for_t", "2026-01-02 03:04:05Z", {}}, Time{"trailing", "2026-01-02T03:04:05Z ", {}},
                    Time{"leading", " 2026-01-02T03:04:05Z", {}}, Time{"date_only", "2026-01-02", {}},
                    Time{"cut", "2026-01-02T03:04", {}}, Time{"five_digit_year", "12026-01-02T03:04:05Z", {}},
                    Time{"signed_year", "-001-01-02T03:04:05Z", {}}, Time{"letters", "yyyy-mm-ddThh:mm:ssZ", {}}),
    [](const auto& info) { return info.param.name; });

TEST(FormatTime, IsInSecondsOrMicros) {
  EXPECT_EQ(base::to_rfc3339(kPlain + 999ms), "2026-01-02T03:04:05Z");
  EXPECT_EQ(base::to_rfc3339_micro(kPlain + 7ms), "2026-01-02T03:04:05.007000Z");
  EXPECT_EQ(base::to_rfc3339_micro(kPlain), "2026-01-02T03:04:05.000000Z");
  EXPECT_EQ(base::to_rfc3339_micro(Instant{-1ms}), "1969-12-31T23:59:59.999000Z");
  EXPECT_EQ(base::to_rfc3339(Instant{-1ms}), "1969-12-31T23:59:59Z");
}

TEST(FormatTime, IsReadAsItWasWritten) {
  std::mt19937_64 dice(7);  // the same times in every run
  const auto range = static_cast<std::uint64_t>((utc(2200, 1, 1) - utc(1900, 1, 1)).count());
  for (int i = 0; i < 10'000; ++i) {
    const Instant at = utc(1900, 1, 1) + Millis{static_cast<std::int64_t>(dice() % range)};
    ASSERT_EQ(base::parse_rfc3339(base::to_rfc3339_micro(at)), at);
    ASSERT_EQ(base::parse_rfc3339(base::to_rfc3339(at)), std::chrono::floor<std::chrono::seconds>(at));
  }
}

TEST(SystemClock, TellsTheWallClockAndTimeSinceBoot) {
  const base::SystemClock clock;
  const auto before = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  const Instant now = clock.now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, std::chrono::system_clock::now());
  const Millis first = clock.boot();
  EXPECT_GT(first, 0ms);
  EXPECT_GE(clock.boot(), first);
}

}  // namespace
