#include "run/again.hpp"

#include <algorithm>
#include <cstdlib>

namespace run {

base::Millis again_after(const base::Error& error, int attempt) {
  using base::Fault;
  using base::Millis;
  constexpr Millis kLongest{300'000};
  switch (error.fault) {
    case Fault::NotFound:
    case Fault::Conflict:
    case Fault::Expired:
      return Millis{20} * (1 << std::min(attempt, 8));  // our view was old: look soon
    case Fault::Invalid:
      return std::min(kLongest, Millis{5'000} * (1 << std::min(attempt, 6)));
    case Fault::Forbidden:  // RBAC may be repaired meanwhile
    case Fault::Throttled:
    case Fault::Unavailable:
      return std::min(kLongest, Millis{500} * (1 << std::min(attempt, 10)));
  }
  std::abort();  // a new Fault without a reaction
}

}  // namespace run
