// Time is injected: decisions take an Instant, long-lived objects take a Clock at construction.
// Thread rule: a Clock is safe to read from every thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace base {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
using Instant = std::chrono::sys_time<Millis>;  // wall clock, UTC

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  // Time since boot, suspend included (CLOCK_BOOTTIME): never set by anyone, so leases are measured with it.
  [[nodiscard]] virtual Millis boot() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] Millis boot() const override;
};

// RFC 3339 in UTC: "2026-01-02T03:04:05Z" (seconds, as metav1.Time) and with six digits (as metav1.MicroTime).
[[nodiscard]] std::string to_rfc3339(Instant at);
[[nodiscard]] std::string to_rfc3339_micro(Instant at);
// Any RFC 3339 time, offsets and fractions included (cut to milliseconds); nullopt for everything else.
[[nodiscard]] std::optional<Instant> parse_rfc3339(std::string_view text);

}  // namespace base
