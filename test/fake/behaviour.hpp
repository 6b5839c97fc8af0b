// What the containers of an image do when a FakeKubelet runs them.
#pragma once

#include <string>
#include <variant>

#include "base/clock.hpp"

namespace fake {

using base::Millis;

struct Healthy {
  Millis ready_after{0};  // of its start
};
struct NeverReady {};  // runs, and its probe fails
// Ready while it runs; every life lasts `every`.
struct CrashLoop {
  Millis every{1000};
  int exit_code = 1;
  std::string reason = "Error";  // or OOMKilled
};
// Ready for `after` in its first life, then as CrashLoop.
struct HealthyThenCrash {
  Millis after;
  CrashLoop then{};
};
struct ImagePullBackOff {};
struct Unschedulable {};
struct Untouched {};  // nobody runs it: the pod stays as the server made it, and the test writes its status

using Behaviour = std::variant<Healthy, NeverReady, CrashLoop, HealthyThenCrash, ImagePullBackOff, Unschedulable, Untouched>;

}  // namespace fake
