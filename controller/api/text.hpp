// The words of our enums and back. `to_text` is the only place that spells them.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "api/rollback.hpp"

namespace api {

template <class E>
struct All;
template <>
struct All<Status> {
  static constexpr std::array values{Status::True, Status::False, Status::Unknown};
};
template <>
struct All<Mode> {
  static constexpr std::array values{Mode::Enforce, Mode::Observe, Mode::Paused};
};
template <>
struct All<Measure> {
  static constexpr std::array values{Measure::RSS, Measure::WorkingSet};
};
template <>
struct All<Verdict> {
  static constexpr std::array values{Verdict::Healthy, Verdict::Breached, Verdict::Unknown};
};
template <>
struct All<Mark> {
  static constexpr std::array values{Mark::Good, Mark::Bad};
};
template <>
struct All<DecisionState> {
  static constexpr std::array values{DecisionState::Waiting, DecisionState::Approved, DecisionState::Aborted};
};
template <>
struct All<StepState> {
  static constexpr std::array values{StepState::Waiting, StepState::Running, StepState::Done, StepState::Skipped,
                                     StepState::Failed};
};
template <>
struct All<CheckState> {
  static constexpr std::array values{CheckState::Confirmed, CheckState::NotSeen, CheckState::Unknown};
};
template <>
struct All<Raise> {
  static constexpr std::array values{Raise::Asked, Raise::Done, Raise::Refused};
};
template <>
struct All<Choice> {
  static constexpr std::array values{Choice::Good, Choice::Assumed, Choice::Asked, Choice::None};
};

// The reverse of to_text; nullopt for a word that is none of E's.
template <class E>
[[nodiscard]] std::optional<E> from_text(std::string_view text) {
  for (const E each : All<E>::values) {
    if (to_text(each) == text) return each;
  }
  return std::nullopt;
}

}  // namespace api
