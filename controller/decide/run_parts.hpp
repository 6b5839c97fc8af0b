// The parts of a run, one file each; only run.cpp calls them. `Draft` collects what a part decides.
#pragma once

#include <string>

#include "decide/run.hpp"

namespace decide {

inline constexpr const char* kTrafficMoved = "TrafficMoved";

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
// The release that the run's target runs: told by the template, so that a new one is seen before its ReplicaSet is.
enum class Live { Bad, Restored, Other };
// What the template goes back to; nullptr if it stays as it is.
[[nodiscard]] const api::RevisionRef* way_back(const api::Plan& plan);
// True until what dies with the pods was read, 3 s at most.
[[nodiscard]] bool evidence_pending(Draft& draft);
// Not before then traffic is taken away once more: 1 s, doubled up to 60 s, for somebody may give it back again and again.
[[nodiscard]] std::optional<Instant> next_traffic_move(const api::RollbackStatus& status);
// A reading that did not come by `limit`, and for which this process has waited for `time` itself: one that has just taken over
// has read nothing yet, whatever the hour. Else the draft looks again when it is due.
[[nodiscard]] bool is_overdue(Draft& draft, Instant limit, base::Millis time);
// Traffic can't be moved: it is told, and the run goes on without. Always false.
bool traffic_given_up(Draft& draft, const char* why, const std::string& message);
// The Service of a blue-green pair selects the other side: nothing goes to the bad one.
[[nodiscard]] bool is_taken_out(const Draft& draft);
// Confirms that, reverts the side taken out, and watches the one that serves.
void draft_taken_out(Draft& draft, Live live);
// The Service still selects the bad side: true until it was turned, or a limit of time is over.
[[nodiscard]] bool turn_pending(Draft& draft);
// Of a blue-green pair: why what was restored serves nobody; "" if it serves, or is no such pair.
[[nodiscard]] std::string serves_nobody(const Draft& draft);
// What was told of the turn is no longer so: somebody has turned the Service, or who serves is gone.
void tell_turn(Draft& draft);
// Of a canary pair, while the template is the bad one: true until its weight was seen to be 0, or a limit of time is over.
// Afterwards it is held there.
[[nodiscard]] bool traffic_pending(Draft& draft);
// Of a run that gave up on the template, too: what left the canary stays away from it.
void hold_traffic(Draft& draft);
// Where an autoscaler decides how many pods a Deployment has, its minimum is raised, once in a run: to `pods`, at most its
// maximum. How many that comes to; nullopt if there is no such autoscaler, none is known, or the raise was refused.
[[nodiscard]] std::optional<int> raise_minimum(Draft& draft, const std::string& deployment, int pods);
// The traffic is moved now, to so many ready pods: are they fewer than the minimum was raised to?
void tell_shortage(Draft& draft, int ready);
// Who owns the minimum gets its ownership back at once, so that the next `apply` is not refused.
void settle_minimum(Draft& draft);
// What a person should know of it, to end a sentence with; may be "".
[[nodiscard]] std::string capacity_note(const Draft& draft);
// Of a run that has ended, once no other one is under way: gives back what it raised, unless somebody has changed it or those
// pods serve.
void return_minimum(Draft& draft);
// Hands routes back to those who had them.
void give_back_routes(Draft& draft);
[[nodiscard]] OnBadTarget on_bad_target(const Draft& draft);
// Of an object in the run's namespace.
[[nodiscard]] GiveBack to_give_back(const Draft& draft, const std::string& name, const std::string& uid);
// The template is the restored one: ownership, and what watch_on does.
void draft_watch(Draft& draft);
// Rollout, verification, stabilization of what serves.
void watch_on(Draft& draft);
// Hands what we wrote on a Deployment back; false if the run is held.
[[nodiscard]] bool give_back(Draft& draft, const api::Deployment& object);

// Reconciling and Stalled, by which kstatus tells how a run stands (Flux, Argo CD, `helm --wait`): its other conditions, told
// once more in those words.
void tell_standing(api::RollbackStatus& status, Instant now);

// True if the mode, the kill switch or a missing approval holds the run before its next write; the draft says so then.
[[nodiscard]] bool held(Draft& draft);
// True while the target is paused, or as many reverts run elsewhere as the operator allows; the draft says so then.
[[nodiscard]] bool revert_waits(Draft& draft);
// True if a run that waited for more than 600 s before its first write finds its trigger not breached any more; the draft says
// so then.
[[nodiscard]] bool outlived_its_breach(Draft& draft);

// The six lines of the runbook's checklist, from what is known.
[[nodiscard]] std::vector<api::Check> checklist(const Course& course, const api::Rollback& run);

[[nodiscard]] std::vector<api::PodEvidence> evidence_pods(const Course& course, const std::string& revision_uid);

}  // namespace decide
