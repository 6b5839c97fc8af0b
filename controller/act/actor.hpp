// Steps into writes. Every step reads what it needs live, writes at most once, and only if the world is still the one that the
// step was decided on. Nothing is retried and nothing is remembered here. Thread rule: safe from every thread.
#pragma once

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace act {

class Actor {
 public:
  explicit Actor(wire::Api& api) : api_(api) {}

  // The first step that failed ends the plan; nullopt: all of them hold now.
  [[nodiscard]] std::optional<decide::StepError> perform(const std::vector<decide::Step>& plan);

 private:
  wire::Api& api_;
};

}  // namespace act
