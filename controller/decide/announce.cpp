// Events of runs: each milestone is said once, also over a crash.
#include <algorithm>

#include <fmt/format.h>

#include "decide/reasons.hpp"
#include "decide/story.hpp"

namespace decide {
namespace {

using api::Status;

constexpr size_t kAnnounced = 10;  // per run, as the CRD allows

const api::RollbackBrief* find_brief(const api::PolicyStatus& status, const std::string& name) {
  const auto found =
      std::find_if(status.rollbacks.begin(), status.rollbacks.end(), [&](const auto& brief) { return brief.name == name; });
  return found == status.rollbacks.end() ? nullptr : &*found;
}

bool is_trouble(const std::string& why) {
  return why == reason::kWriteDenied || why == reason::kNoGoodRevision || why == reason::kWriteFailed ||
         why == reason::kTargetPaused || why == reason::kVerificationInconclusive || why == reason::kNoReadyPods ||
         why == reason::kRouteUnavailable || why == reason::kRouteNotAccepted || why == reason::kRevisionTooOld ||
         why == reason::kWaitingForDecision;
}

// Everything worth an Event that a run's status says.
std::vector<Event> milestones(const api::Rollback& run, const api::RollbackStatus& status) {
  std::vector<Event> events{{run.by_hand() ? EventType::Normal : EventType::Warning, reason::kRollbackCreated,
                             fmt::format("{}: {}", run.meta.name, run.spec.reason.empty() ? "asked for" : run.spec.reason),
                             run.meta.uid}};
  for (const char* type : {"Approved", "TrafficMoved", "Reverted", "Restored", "Complete", "Failed"}) {  // as they come about
    const auto* found = api::find(status.conditions, type);
    if (!found) continue;
    const auto& condition = *found;
    const bool ending = (condition.type == "Complete" || condition.type == "Failed") && condition.status == Status::True;
    const bool reached = (condition.type == "TrafficMoved" || condition.type == "Reverted" || condition.type == "Restored") &&
                         condition.status == Status::True;
    if (!ending && !reached && !is_trouble(condition.reason)) continue;
    const bool bad = (ending && condition.type == "Failed") || is_trouble(condition.reason);
    events.push_back({bad ? EventType::Warning : EventType::Normal, condition.reason,
                      fmt::format("{}: {}", run.meta.name, condition.message), run.meta.uid});
  }
  return events;
}

}  // namespace

Refused refused(const Snapshot& world, api::PolicyStatus next, const base::Error& error, Instant now) {
  const char* why = reason_of_refusal(error.fault);
  const std::string message = "the Rollback can't be stored, so nothing is done: " + error.what;
  const std::string about = next.current ? fmt::format("{}/{}", next.current->uid, next.current->number) : std::string();
  const auto generation = world.policy->meta.generation;
  next.rollbacks = world.policy->status.rollbacks;               // their Events were not said
  api::Conditions conditions = world.policy->status.conditions;  // so that a retry that fails again changes nothing
  if (const auto* triggered = api::find(next.conditions, "Triggered")) {
    auto told = *triggered;
    constexpr std::string_view kCreated = " was created";
    if (told.message.ends_with(kCreated))
      told.message.replace(told.message.size() - kCreated.size(), kCreated.size(), " could not be created");
    api::set(conditions, std::move(told), now);
  }
  next.conditions = std::move(conditions);
  api::set(next.conditions, {"Ready", Status::False, why, message, generation, {}}, now);
  api::set(next.conditions, {"Stalled", Status::True, why, message, generation, {}}, now);
  api::set(next.conditions, {"Reconciling", Status::False, why, "it can't go on, see Stalled", generation, {}}, now);
  return {std::move(next), {{EventType::Warning, why, message, world.policy->meta.uid + "/" + about}}};
}

const GiveBack* tidies(const Step& step) {
  if (const auto* ownership = std::get_if<GiveBackOwnership>(&step)) return ownership;
  return std::get_if<RestoreMinimum>(&step);
}

Event return_refused(const GiveBack& step, const base::Error& error) {
  return {EventType::Warning, reason_of_refusal(error.fault),
          fmt::format("{}: the minimum of HorizontalPodAutoscaler {} that was raised can't be given back: {}",
                      step.rollback_name, step.object.name, error.what),
          step.rollback_uid + "/minimum"};
}

Event handback_refused(const GiveBack& step, const base::Error& error) {
  return {
      EventType::Warning, reason_of_refusal(error.fault),
      fmt::format("{}: the ownership of the fields that were written can't be handed back, so a server-side apply of the next "
                  "release may report a conflict: {}",
                  step.rollback_name, error.what),
      step.rollback_uid + "/ownership"};
}

std::vector<Event> announce_runs(api::PolicyStatus& next, const Snapshot& world, const std::vector<RunUpdate>& runs) {
  std::vector<Event> events;
  for (auto& brief : next.rollbacks) {
    const auto& run = *std::find_if(world.rollbacks.begin(), world.rollbacks.end(),
                                    [&](const auto& entry) { return entry.meta.name == brief.name; });
    const auto* before = find_brief(world.policy->status, brief.name);
    const bool from_before_us = !before && run.finished();  // history that a new policy finds is not news
    if (before) brief.announced = before->announced;
    for (auto& event : milestones(run, next_of(run, runs))) {
      const bool said = std::find(brief.announced.begin(), brief.announced.end(), event.reason) != brief.announced.end();
      if (said || brief.announced.size() >= kAnnounced) continue;
      brief.announced.push_back(event.reason);
      if (!from_before_us) events.push_back(std::move(event));
    }
  }
  return events;
}

std::vector<Event> run_events(const RunUpdate& update) {
  auto events = milestones(update.run, update.next);
  const auto before = milestones(update.run, update.run.status);
  std::erase_if(events, [&](const Event& event) {
    return std::any_of(before.begin(), before.end(), [&](const Event& old) { return old.reason == event.reason; });
  });
  return events;
}

}  // namespace decide
