// Pods for who gets the traffic: the minimum of the autoscaler that decides how many there are is raised, and given back after
// the end of the run.
#include <algorithm>

#include <fmt/format.h>

#include "decide/ended.hpp"
#include "decide/run_parts.hpp"

namespace decide {
namespace {

constexpr base::Millis kWhileGivingBack{5000};
constexpr base::Millis kWhileUnreadable{60'000};

// The only one; of two for one Deployment, which undo each other's work, nobody can say which one decides.
const api::Autoscaler* find_scaler(const Draft& draft, std::string api::Autoscaler::*field, const std::string& value) {
  const auto& traffic = draft.course.world.traffic;
  if (!traffic || !traffic->autoscalers) return nullptr;
  const auto& all = *traffic->autoscalers;
  const auto is_it = [&](const auto& each) { return each.*field == value; };
  const auto found = std::find_if(all.begin(), all.end(), is_it);
  return found == all.end() || std::any_of(found + 1, all.end(), is_it) ? nullptr : &*found;
}

// What an earlier run raised and has not given back yet: what was before it is what is to come back in the end.
const api::Raised* not_given_back(const Draft& draft, const api::Autoscaler& scaler) {
  for (const auto& run : draft.course.world.rollbacks) {
    const auto& raised = run.status.raised;
    if (run.meta.uid != draft.run.meta.uid && raised && raised->uid == scaler.uid && raised->state != api::Raise::Refused &&
        raised->to == scaler.min)
      return &*raised;
  }
  return nullptr;
}

bool is_another_under_way(const Draft& draft) {
  const auto& all = draft.course.world.rollbacks;
  return std::any_of(all.begin(), all.end(), [&](const api::Rollback& run) {
    return run.meta.uid != draft.run.meta.uid && !run.finished() && run.status.plan;
  });
}

void hand_back(Draft& draft, const api::Autoscaler& scaler) {
  draft.out.steps.emplace_back(GiveBackOwnership{to_give_back(draft, scaler.name, scaler.uid),
                                                 api::RouteRef{"autoscaling", "HorizontalPodAutoscaler", scaler.name}});
}

void want_reading(Draft& draft) {
  if (draft.out.wants.traffic) return;
  const auto& settings = draft.run.status.plan->settings;
  const auto& traffic = draft.course.world.traffic;
  const auto period = traffic && traffic->autoscalers_problem ? kWhileUnreadable : kWhileGivingBack;
  if (settings.canary) draft.out.wants.traffic = TrafficWant{*settings.canary, period};
  if (settings.blue_green) draft.out.wants.traffic = TrafficWant{*settings.blue_green, period};
}

// The Service of a blue-green pair selects the pods of this Deployment.
bool serves(const Snapshot& world, const std::string& deployment) {
  const auto is_selected = [&](const std::optional<api::Deployment>& side) {
    return side && side->meta.name == deployment && api::selects(world.service->selector, side->pod_template.labels);
  };
  return world.service && (is_selected(world.target) || (world.peer && is_selected(world.peer->target)));
}

// What was read before the end may be older than the raise. Times of conditions are in whole seconds.
bool is_read_after_the_end(const Draft& draft) {
  const auto& traffic = draft.course.world.traffic;
  return traffic && traffic->autoscalers && traffic->taken >= ended(draft.run.status)->changed + Seconds{1};
}

}  // namespace

std::optional<int> raise_minimum(Draft& draft, const std::string& deployment, int pods) {
  const auto* scaler = find_scaler(draft, &api::Autoscaler::target, deployment);
  auto& raised = draft.out.next.raised;
  if (!scaler || (raised && (raised->uid != scaler->uid || raised->state == api::Raise::Refused))) return std::nullopt;
  const int to = raised ? raised->to : std::min(pods, scaler->max);
  const auto* before = not_given_back(draft, *scaler);
  if ((raised && raised->state == api::Raise::Done) || (scaler->min >= to && !before)) return to;
  raised = api::Raised{scaler->name, scaler->uid, before ? before->from : scaler->min, std::max(to, scaler->min)};
  if (scaler->min < to)
    draft.out.steps.emplace_back(RaiseMinimum{on_bad_target(draft), scaler->name, scaler->uid, scaler->min, to});
  return raised->to;
}

void tell_shortage(Draft& draft, int ready) {
  auto& raised = draft.out.next.raised;
  if (!raised || raised->state == api::Raise::Refused || ready >= raised->to) return;
  raised->message = fmt::format("{} of {} pods were ready when the traffic was moved", ready, raised->to);
}

void settle_minimum(Draft& draft) {
  auto& raised = draft.out.next.raised;
  if (!raised || raised->state == api::Raise::Refused) return;
  const auto* scaler = find_scaler(draft, &api::Autoscaler::uid, raised->uid);
  if (scaler && scaler->min >= raised->to) raised->state = api::Raise::Done;
  const bool is_ours = scaler && scaler->owned_by_us;
  if (is_ours) hand_back(draft, *scaler);
  if (is_ours || raised->state == api::Raise::Asked) want_reading(draft);
}

std::string capacity_note(const Draft& draft) {
  const auto& raised = draft.out.next.raised;
  const auto& traffic = draft.course.world.traffic;
  if (traffic && traffic->autoscalers_problem) return "; who scales it is not known: " + traffic->autoscalers_problem->what;
  if (!raised) return "";
  if (raised->state == api::Raise::Refused)
    return fmt::format("; the minimum of HorizontalPodAutoscaler {} could not be raised: {}", raised->name, raised->message);
  const auto* scaler = find_scaler(draft, &api::Autoscaler::uid, raised->uid);
  return fmt::format("; with the minimum of HorizontalPodAutoscaler {} raised from {} to {}{}{}{}", raised->name, raised->from,
                     raised->to, scaler && scaler->max == raised->to ? ", its maximum," : "",
                     draft.run.status.plan->settings.blue_green ? " for as long as these pods serve" : " for this run",
                     raised->message.empty() ? "" : "; " + raised->message);
}

void return_minimum(Draft& draft) {
  auto& raised = draft.out.next.raised;
  if (!raised || !draft.run.status.plan || is_another_under_way(draft)) return;
  want_reading(draft);
  if (!is_read_after_the_end(draft)) return;
  const auto* scaler = find_scaler(draft, &api::Autoscaler::uid, raised->uid);
  const bool is_to_go_back = scaler && raised->state != api::Raise::Refused && scaler->min == raised->to;
  if (is_to_go_back && !serves(draft.course.world, scaler->target)) {
    draft.out.steps.emplace_back(RestoreMinimum{to_give_back(draft, scaler->name, scaler->uid), raised->to, raised->from});
  } else if (scaler && scaler->owned_by_us) {
    hand_back(draft, *scaler);
  } else {
    raised.reset();
    draft.out.wants.traffic.reset();
  }
}

api::RollbackStatus after_raise_error(const api::RollbackStatus& status, const base::Error& error, Instant) {
  api::RollbackStatus next = status;
  const bool is_for_good = error.fault == base::Fault::Invalid || error.fault == base::Fault::Forbidden;
  if (!is_for_good || !next.raised) return next;
  next.raised->state = api::Raise::Refused;
  next.raised->message = error.what;
  return next;
}

}  // namespace decide
