// metav1.Condition, and the vocabulary of condition types and reasons (doc/status.md lists each: tested).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/meta.hpp"

namespace api {

enum class Status { True, False, Unknown };
[[nodiscard]] std::string_view to_text(Status status);

struct Condition {
  std::string type;
  Status status = Status::Unknown;
  std::string reason;
  std::string message;
  std::int64_t observed_generation = 0;
  Instant changed{};  // lastTransitionTime: moves only with `status`
  friend bool operator==(const Condition&, const Condition&) = default;
};

using Conditions = std::vector<Condition>;

[[nodiscard]] const Condition* find(const Conditions& all, std::string_view type);
[[nodiscard]] bool is_true(const Conditions& all, std::string_view type);
// Adds or replaces by type; the transition time is `now` only if the status differs from what was there.
void set(Conditions& all, Condition next, Instant now);

}  // namespace api
