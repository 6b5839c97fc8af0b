// The policy's conditions, the Events and the list of last rollbacks: the same findings told once.
#pragma once

#include <vector>

#include "decide/arm.hpp"
#include "decide/decide.hpp"
#include "decide/revision.hpp"

namespace decide {

// Why the policy is not armed, found before anything is judged; null reason: it is.
struct Unarmed {
  const char* reason = nullptr;
  std::string message;
  bool is_passing = false;  // our view is behind, as a rule for a moment: what was told stays
};
[[nodiscard]] Unarmed unarmed(const Snapshot& world, const Revision* current);

// The condition that says that the write which a run waits for was refused, that nobody answers, or that there is nothing to
// write; null: none of them.
[[nodiscard]] const api::Condition* refused_write(const api::RollbackStatus& status);

// Where a run that has not ended stands, in one sentence; "" before there is anything to tell.
[[nodiscard]] std::string under_way(const api::RollbackStatus& status);

// The next status of a run, or the one it has.
[[nodiscard]] const api::RollbackStatus& next_of(const api::Rollback& run, const std::vector<RunUpdate>& runs);

// `runs` are the next statuses of the Rollbacks that this pass moves.
void tell(api::PolicyStatus& next, const Snapshot& world, const Unarmed& unarmed, const Firing& firing,
          const std::vector<RunUpdate>& runs, const std::optional<Candidate>& way_back, Instant now);

[[nodiscard]] std::vector<Event> policy_events(const Snapshot& world, const api::PolicyStatus& next);
// What is to be said of the policy's runs and was not yet. `next.rollbacks` remembers it: that status is written after the
// Events, so a crash in between says them again (the server refuses the second), and never loses one.
[[nodiscard]] std::vector<Event> announce_runs(api::PolicyStatus& next, const Snapshot& world,
                                               const std::vector<RunUpdate>& runs);
// The same for a run whose policy is gone, where nothing remembers: what this update brings.
[[nodiscard]] std::vector<Event> run_events(const RunUpdate& update);

// WriteDenied if the server refuses the content, WriteFailed if a right is missing or nobody answers.
[[nodiscard]] const char* reason_of_refusal(base::Fault fault);

// The ownership could not be handed back: the run goes on, and it is tried again.
[[nodiscard]] Event handback_refused(const GiveBack& step, const base::Error& error);
[[nodiscard]] Event return_refused(const GiveBack& step, const base::Error& error);

// The Rollback, or its status, could not be stored: nothing is done without it, so this is what the policy says.
struct Refused {
  api::PolicyStatus status;
  std::vector<Event> events;
};
[[nodiscard]] Refused refused(const Snapshot& world, api::PolicyStatus next, const base::Error& error, Instant now);

}  // namespace decide
