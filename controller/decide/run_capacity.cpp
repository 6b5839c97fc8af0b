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

const api::Autoscaler* find_scaler(const Draft& draft, std::string api::Autoscaler::*field, const std::string& value) {
  const auto& traffic = draft.course.world.traffic;
  if (!traffic || !traffic->autoscalers) return nullptr;
  const auto& all = *traffic->autoscalers;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.*field == value; });
  return found == all.end() ? nullptr : &*found;
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
  if ((raised && raised->state == api::Raise::Done) || scaler->min >= to) return to;
  raised = api::Raised{scaler->name, scaler->uid, scaler->min, to};
  draft.out.steps.emplace_back(RaiseMinimum{on_bad_target(draft), scaler->name, scaler->uid, scaler->min, to});
  return to;
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
  return fmt::format("; the minimum of HorizontalPodAutoscaler {} is raised from {} to {} until the run ends", raised->name,
                     raised->from, raised->to);
}

void return_minimum(Draft& draft) {
  auto& raised = draft.out.next.raised;
  if (!raised || !draft.run.status.plan) return;
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
