// The parts of a run, one file each; only run.cpp calls them. `Draft` collects what a part decides.
#pragma once

#include <string>

#include "decide/run.hpp"

namespace decide {

struct Draft {
  const api::Rollback& run;
  const Course& course;
  Progress out;

  void condition(const char* type, api::Status status, const char* reason, std::string message);
  // Moves the step forward; a step's start and end are set once. The same state and message again changes nothing.
  void step(const char* name, api::StepState state, std::string message = "");
  [[nodiscard]] const api::StepStatus* find_step(const char* name) const;
  void complete(const char* reason, std::string message);
  void failed(const char* reason, std::string message);
  void look_at(Instant when);
};

// Before the plan: turns, the checks of preflight; ends in a plan.
void draft_plan(Draft& draft);
// The template is still the bad one: evidence, then the write, at most three times in all.
void draft_revert(Draft& draft);
// Of a canary pair, while the template is the bad one: true until its weight was seen to be 0, or a limit of time is over.
// Afterwards it is held there.
[[nodiscard]] bool traffic_pending(Draft& draft);
// Hands routes back to those who had them; true if there is something to hand back.
void give_back_routes(Draft& draft);
[[nodiscard]] OnBadTarget on_bad_target(const Draft& draft);
// The template is the restored one: ownership, rollout, verification, stabilization, the next of the chain.
void draft_watch(Draft& draft);

// True if the mode, the kill switch or a missing approval holds the run before its next write; the draft says so then.
[[nodiscard]] bool held(Draft& draft);
// True if a run that waited for more than 600 s before its first write finds its trigger not breached any more; the draft says
// so then.
[[nodiscard]] bool outlived_its_breach(Draft& draft);

// The six lines of the runbook's checklist, from what is known.
[[nodiscard]] std::vector<api::Check> checklist(const Course& course, const api::Rollback& run);

[[nodiscard]] std::vector<api::PodEvidence> evidence_pods(const Course& course, const std::string& revision_uid);

}  // namespace decide
