// Steps into writes. Every step reads what it needs live, writes at most once, and only if the world is still the one that the
// step was decided on. Thread rule: safe from every thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"
#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace act {

struct Outcome {
  std::optional<decide::StepError> failed;  // of what carries the rollback out; what was behind it was not tried
  std::vector<decide::StepError> left;      // of what only tidies up: it stops nothing
  std::optional<base::Millis> again;        // when the first of these is to be tried again
};

class Actor {
 public:
  Actor(wire::Api& api, const base::Clock& clock) : api_(api), clock_(clock) {}

  // First what carries the rollback out, in order; then what only tidies up (decide::tidies), each for itself. Of the latter,
  // what was refused rests for 5 s, doubled up to 60 s: a plan that names it in each pass is not a write in each pass.
  [[nodiscard]] Outcome perform(const std::vector<decide::Step>& plan);

 private:
  struct Rest {
    int attempts = 0;
    base::Millis until{};  // by Clock::boot
  };
  void tidy(const std::vector<decide::Step>& plan, Outcome& out);

  wire::Api& api_;
  const base::Clock& clock_;
  base::Guarded<std::map<std::string, Rest>> resting_;  // by what is to be tidied
};

}  // namespace act
