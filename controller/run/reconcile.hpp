// The order of a pass, in one screen (run/reconcile.cpp).
#pragma once

#include "act/actor.hpp"
#include "observe/observer.hpp"
#include "record/recorder.hpp"
#include "run/again.hpp"

namespace run {

// Thread rule: several passes may run at once, never two for one key.
class Reconciler {
 public:
  Reconciler(observe::Observer& observer, act::Actor& actor, record::Recorder& recorder, const base::Clock& clock)
      : observer_(observer), actor_(actor), recorder_(recorder), clock_(clock) {}

  [[nodiscard]] base::Result<Again> pass(const api::Key& key);

 private:
  observe::Observer& observer_;
  act::Actor& actor_;
  record::Recorder& recorder_;
  const base::Clock& clock_;
};

}  // namespace run
