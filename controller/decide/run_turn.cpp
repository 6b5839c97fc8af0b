// A blue-green pair: the Service is turned to the other side, the side taken out is reverted, the one that serves is watched.
#include <algorithm>

#include <fmt/format.h>

#include "decide/reasons.hpp"
#include "decide/run_parts.hpp"

namespace decide {
namespace {

using api::Status;

constexpr Seconds kReadyTime{30};  // for the other side to get its pods ready
constexpr Seconds kTurnTime{15};   // for the Service, and then its endpoints, to be seen turned
constexpr base::Millis kWhileTurning{250};

const api::Plan& plan_of(const Draft& draft) { return *draft.run.status.plan; }
const api::BlueGreenPair& pair_of(const Draft& draft) { return *plan_of(draft).settings.blue_green; }

std::string label(const api::Deployment& side, const std::string& key) {
  const auto found = side.pod_template.labels.find(key);
  return found == side.pod_template.labels.end() ? "" : found->second;
}

int available(const Draft& draft) {
  const auto* there = find_revision(draft.course.world.peer->revisions, plan_of(draft).to.uid);
  return there ? there->set.available : 0;
}

// Asks for the pods: by way of its autoscaler, which would undo anything else, or by its replicas. An autoscaler leaves alone
// what is scaled to 0. How many are to come.
int scale(Draft& draft, int wanted) {
  const auto& peer = draft.course.world.peer->target;
  settle_minimum(draft);
  const auto raised = raise_minimum(draft, peer.meta.name, wanted);
  const int pods = raised ? *raised : wanted;
  if (peer.replicas < pods && (!raised || peer.replicas == 0))
    draft.out.steps.emplace_back(ScalePeer{on_bad_target(draft), peer.meta.name, peer.meta.uid, pods});
  return pods;
}

// The other side gets as many pods as the one that fails is asked to have. Who scales it has to be known for that.
bool waits_for_pods(Draft& draft, Instant since) {
  const auto& peer = draft.course.world.peer->target;
  const int wanted = std::max(1, draft.course.world.target->replicas);
  const int ready = available(draft);
  const bool is_enough = ready >= wanted && peer.replicas >= wanted;
  if (is_enough || draft.course.now >= since + kReadyTime) return false;
  draft.out.wants.traffic = TrafficWant{pair_of(draft), kWhileTurning};
  const auto& traffic = draft.course.world.traffic;
  const bool is_known = traffic && traffic->is_of_a_run(since);
  const int pods = is_known ? scale(draft, wanted) : wanted;
  if (is_known && ready >= pods) return false;
  draft.condition(kTrafficMoved, Status::Unknown, reason::kWaitingForCapacity,
                  fmt::format("Deployment {} has {} pods available and needs {} for the traffic: waits for {} s at most{}",
                              peer.meta.name, ready, pods, kReadyTime.count(), capacity_note(draft)));
  draft.look_at(since + kReadyTime);
  return true;
}

// Why there is no turning; nullptr: it can be turned.
struct Obstacle {
  const char* reason = nullptr;
  std::string message;
};
Obstacle obstacle(const Draft& draft) {
  const auto& world = draft.course.world;
  const auto& pair = pair_of(draft);
  if (world.policy && !world.policy->spec.blue_green)
    return {reason::kRouteUnavailable, "the policy names no blue-green pair any more"};
  if (!world.service || world.service->meta.deleted)
    return {reason::kRouteUnavailable, fmt::format("the Service {} is gone, or being deleted", pair.service)};
  if (!world.peer || world.peer->target.meta.deleted)
    return {reason::kNoReadyPods, fmt::format("the Deployment {} is gone, or being deleted", pair.peer)};
  const auto release = api::fingerprint(world.peer->target.pod_template, plan_of(draft).settings.ignore_template_keys);
  if (release != plan_of(draft).to.fingerprint)
    return {reason::kNoReadyPods, fmt::format("the Deployment {} runs another release than the one to go back to", pair.peer)};
  if (available(draft) == 0)
    return {reason::kNoReadyPods,
            fmt::format("the Deployment {} has no pod available, so no traffic was moved to it", pair.peer)};
  return {};
}

// Asked for once, and once more each time that somebody turned it back: after 1 s, doubled up to 60 s.
bool turn(Draft& draft, bool came_back) {
  auto& status = draft.out.next;
  const auto& world = draft.course.world;
  const auto& pair = pair_of(draft);
  const std::string still = fmt::format("the Service {} selects {}", pair.service, world.target->meta.name);
  if (status.traffic_moves == 0 || came_back) {
    draft.condition(kTrafficMoved, Status::False, reason::kMovingTraffic, still);
    if (const auto due = next_traffic_move(status); due && draft.course.now < *due) {
      draft.look_at(*due);
      return false;
    }
    if (status.traffic_moves == 0) tell_shortage(draft, available(draft));
    ++status.traffic_moves;
    status.last_traffic_move = draft.course.now;
    draft.step(api::kStepTraffic, api::StepState::Running);
  }
  const Instant limit = *status.last_traffic_move + kTurnTime;
  if (draft.course.now >= limit)
    return traffic_given_up(
        draft, reason::kRouteNotAccepted,
        fmt::format("{} after {} s{}{}", still, kTurnTime.count(), status.last_error.empty() ? "" : ": ", status.last_error));
  const auto& peer = world.peer->target;
  draft.out.steps.emplace_back(TurnService{on_bad_target(draft), pair.service, world.service->meta.uid, peer.meta.name,
                                           peer.meta.uid, pair.key, label(*world.target, pair.key), label(peer, pair.key)});
  draft.look_at(limit);
  return true;
}

// No pod of the side taken out is behind the Service any more.
Obstacle of_endpoints(const Draft& draft, Instant since) {
  const auto& traffic = draft.course.world.traffic;
  if (!traffic || traffic->taken < since) return {reason::kMovingTraffic, "the endpoints are being read"};
  if (traffic->endpoints_problem)
    return {reason::kRouteUnavailable, "the endpoints can't be read: " + traffic->endpoints_problem->what};
  const auto& endpoints = traffic->endpoints;
  if (endpoints.empty()) return {reason::kNoReadyPods, "there is no ready pod behind the Service"};
  for (const auto& revision : draft.course.world.revisions) {
    for (const auto& pod : revision.pods) {
      if (std::binary_search(endpoints.begin(), endpoints.end(), pod.meta.uid))
        return {reason::kMovingTraffic, fmt::format("the pod {} is still behind the Service", pod.meta.name)};
    }
  }
  return {};
}

// False while it may still be seen in time.
bool is_confirmed(Draft& draft) {
  const auto* step = draft.find_step(api::kStepTraffic);
  if (step && step->state != api::StepState::Running) return true;
  if (!step) draft.step(api::kStepTraffic, api::StepState::Running);
  const Instant since = draft.out.next.last_traffic_move.value_or(*draft.find_step(api::kStepTraffic)->started);
  draft.out.wants.traffic = TrafficWant{pair_of(draft), kWhileTurning};
  const auto& serves = draft.course.serving->world.target->meta.name;
  const auto open = of_endpoints(draft, since);
  if (!open.reason) {
    const std::string message =
        fmt::format("the Service {} selects {}: {} ready pods, none of {}{}", pair_of(draft).service, serves,
                    draft.course.world.traffic->endpoints.size(), draft.course.world.target->meta.name, capacity_note(draft));
    draft.condition(kTrafficMoved, Status::True, reason::kServiceTurned, message);
    draft.step(api::kStepTraffic, api::StepState::Done, message);
    return true;
  }
  if (is_overdue(draft, since + kTurnTime, kTurnTime)) return !traffic_given_up(draft, open.reason, open.message);
  draft.condition(kTrafficMoved, Status::False, reason::kMovingTraffic, open.message);
  return false;
}

bool drains(Draft& draft) {
  const auto drain = pair_of(draft).drain;
  // Times are kept in whole seconds: without one more, the drain could be almost a second short.
  const Instant due =
      draft.find_step(api::kStepTraffic)->ended.value_or(draft.course.now) + drain + std::min(drain, Seconds{1});
  if (draft.course.now >= due) return false;
  draft.condition(
      "Reverted", Status::False, reason::kDraining,
      fmt::format("{} has no traffic and drains until {}", draft.course.world.target->meta.name, base::to_rfc3339(due)));
  draft.look_at(due);
  return true;
}

bool hand_back(Draft& draft) {
  settle_minimum(draft);
  const auto& world = draft.course.world;
  if (!give_back(draft, *world.target) || !give_back(draft, world.peer->target)) return false;
  if (!world.service || !world.service->owned_by_us) return true;
  if (held(draft)) return false;
  const auto& meta = world.service->meta;
  draft.out.steps.emplace_back(
      GiveBackOwnership{to_give_back(draft, meta.name, meta.uid), api::RouteRef{"", "Service", meta.name}});
  return true;
}

// The Service selects the other side: is anybody there?
void retell_turn(Draft& draft) {
  const auto& serving = draft.course.serving->world;
  const bool has_pods = serving.target->available > 0;
  const auto* moved = api::find(draft.out.next.conditions, kTrafficMoved);
  const auto* step = draft.find_step(api::kStepTraffic);
  if (!moved || step->state != api::StepState::Done || (moved->status == Status::True) == has_pods) return;
  draft.condition(kTrafficMoved, has_pods ? Status::True : Status::False,
                  has_pods ? reason::kServiceTurned : reason::kNoReadyPods,
                  fmt::format("the Service {} selects {}: {} pods available", pair_of(draft).service, serving.target->meta.name,
                              serving.target->available));
}

void tell_side(Draft& draft, Live live) {
  const auto& side = draft.course.world.target->meta.name;
  switch (live) {
    case Live::Restored:
      draft.condition("Reverted", Status::True, reason::kTemplateRestored,
                      fmt::format("the template of {} is back on {}", describe(*way_back(plan_of(draft))), side));
      draft.step(api::kStepRevert, api::StepState::Done);
      break;
    case Live::Bad:
      draft.condition("Reverted", Status::False, reason::kLeftAsItIs,
                      fmt::format("{} has no traffic and is left as it is: {}", side,
                                  pair_of(draft).reverts ? "it has no revision to go back to" : "revert is Never"));
      draft.step(api::kStepRevert, api::StepState::Skipped);
      break;
    case Live::Other:
      draft.condition("Reverted", Status::False, reason::kLeftAsItIs,
                      fmt::format("{} has no traffic and another release meanwhile: it was left alone", side));
      draft.step(api::kStepRevert, api::StepState::Skipped);
      break;
  }
}

}  // namespace

bool turn_pending(Draft& draft) {
  if (!plan_of(draft).settings.blue_green || draft.course.serving) return false;
  const auto* step = draft.find_step(api::kStepTraffic);
  if (step && step->state == api::StepState::Failed) return false;
  const bool came_back = step && step->state == api::StepState::Done;
  if (!step) {
    draft.step(api::kStepTraffic, api::StepState::Running);
    draft.condition(kTrafficMoved, Status::Unknown, reason::kPending, "the Service is to be turned");
  }
  const bool is_first = draft.out.next.traffic_moves == 0;
  const Instant since = *draft.find_step(api::kStepTraffic)->started;
  if (is_first && draft.course.world.peer && waits_for_pods(draft, since)) return true;
  if (const auto no = obstacle(draft); no.reason) return traffic_given_up(draft, no.reason, no.message);
  return turn(draft, came_back);
}

std::string serves_nobody(const Draft& draft) {
  const auto& pair = plan_of(draft).settings.blue_green;
  if (!pair) return "";
  const auto& world = draft.course.world;
  const auto& side = *world.target;
  if (!world.service || !api::selects(world.service->selector, side.pod_template.labels))
    return fmt::format("the Service {} does not select {}", pair->service, side.meta.name);
  return side.available > 0
             ? ""
             : fmt::format("the Service {} selects {}, which has no pod available", pair->service, side.meta.name);
}

void tell_turn(Draft& draft) {
  const auto* moved = api::find(draft.out.next.conditions, kTrafficMoved);
  if (!plan_of(draft).settings.blue_green || !moved || moved->status != Status::True) return;
  const auto idle = serves_nobody(draft);
  draft.condition(kTrafficMoved, Status::False, idle.empty() ? reason::kMovingTraffic : reason::kNoReadyPods,
                  idle.empty() ? fmt::format("the Service {} selects {} again", pair_of(draft).service,
                                             draft.course.world.target->meta.name)
                               : idle);
}

bool is_taken_out(const Draft& draft) { return plan_of(draft).settings.blue_green && draft.course.serving; }

void draft_taken_out(Draft& draft, Live live) {
  if (!is_confirmed(draft) || !hand_back(draft)) return;
  if (live == Live::Bad) {
    const bool is_evidence_open = evidence_pending(draft);
    const bool is_to_go_back = way_back(plan_of(draft)) != nullptr;
    if ((is_to_go_back && drains(draft)) || is_evidence_open) return;
    if (is_to_go_back) return draft_revert(draft);
  }
  tell_side(draft, live);
  retell_turn(draft);
  Draft serving{draft.run, *draft.course.serving, std::move(draft.out)};
  watch_on(serving);
  draft.out = std::move(serving.out);
}

}  // namespace decide
