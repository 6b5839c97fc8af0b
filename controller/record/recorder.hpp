// A decision and what came of it, told to people and kept for the next pass: the Rollback that is the intent, statuses, Events,
// metrics and one log line, all from the same findings. Only what differs is written, for a write wakes our own watch. Nothing
// is retried and nothing is remembered here. Thread rule: safe from every thread, for different policies at once.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "decide/decide.hpp"
#include "record/metrics.hpp"
#include "wire/api.hpp"

namespace record {

using base::Result;

class Recorder {
 public:
  // `instance` is the name of this process in Events.
  Recorder(wire::Api& api, Metrics& metrics, const base::Clock& clock, std::string instance)
      : api_(api), metrics_(metrics), clock_(clock), instance_(std::move(instance)) {}

  // Before the act: creates the Rollback, then writes the statuses of runs. A Rollback of that name that is there already is a
  // Conflict like any other: the pass reads it and decides again. Of a policy that is gone the Events come first of all, for
  // there is no later status that could remember them.
  [[nodiscard]] Result<void> intend(const decide::Snapshot& world, const decide::Decision& decision);

  // After an intend that failed (a right, an admission rule, no answer): says so in the policy's status, and once as an Event.
  void refused(const decide::Snapshot& world, const decide::Decision& decision, const base::Error& error);

  // After the act: Events, the error of the act into its run, the policy's status, pruning, the log line. Events come before
  // the status that remembers them, so that one is rather said twice (which the server refuses) than never. `failed`, which
  // may be null, is handed back once all of this was done; else the first error of these writes. What was `left` is told, and
  // is no error.
  [[nodiscard]] Result<void> settle(const decide::Snapshot& world, const decide::Decision& decision,
                                    const decide::StepError* failed, const std::vector<decide::StepError>& left = {});

  // The policy is gone, and so is every run of it.
  void forget(const api::Key& policy) { metrics_.policies().forget(policy); }

 private:
  wire::Api& api_;
  Metrics& metrics_;
  const base::Clock& clock_;
  const std::string instance_;
};

}  // namespace record
