#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "decide/reasons.hpp"
#include "decide/run_parts.hpp"

namespace decide {
namespace {

using api::Status;
using base::Millis;

constexpr Seconds kCapacityTime{30};  // for the stable side to get the pods it needs
constexpr Seconds kAcceptTime{15};    // for the weights to be seen at 0, and accepted by the router
constexpr Millis kWhileMoving{250};
constexpr Millis kWhileHeld{5000};

const api::CanaryPair& pair_of(const Draft& draft) { return *draft.run.status.plan->settings.canary; }

void want(Draft& draft, Millis period) { draft.out.wants.traffic = TrafficWant{pair_of(draft), period}; }

bool moves(const api::Split& split) { return split.names_stable && split.canary > 0; }

bool has_weight(const RouteReading& reading) {
  return std::any_of(reading.route.splits.begin(), reading.route.splits.end(), moves);
}

// Ready pods that the stable side needs to take the canary's share too: its own, scaled by the weight it gets. With no weight
// today nothing can be scaled from: as many as the canary has.
int needed(const Draft& draft, const Traffic& traffic) {
  double most = 1;
  for (const auto& reading : traffic.routes) {
    for (const auto& split : reading.route.splits) {
      if (!moves(split)) continue;
      const double grown = 1.0 + static_cast<double>(split.canary) / std::max(1, split.stable);
      most = std::max(most, split.stable > 0 ? traffic.stable_ready * grown : draft.course.world.target->ready);
    }
  }
  return static_cast<int>(std::ceil(most));
}

// More pods than its ReplicaSets ask for will not come, so no one waits for those, unless who scales it is told to want them.
// An autoscaler leaves alone what is scaled to 0, and of several Deployments nobody can say which one needs more.
int expected(Draft& draft, const Traffic& traffic) {
  const int pods = needed(draft, traffic);
  const bool is_scaled = traffic.stable_wanted > 0 && traffic.stable_deployments.size() == 1;
  const auto raised = is_scaled ? raise_minimum(draft, traffic.stable_deployments.front(), pods) : std::nullopt;
  return raised ? *raised : std::max(1, std::min(pods, traffic.stable_wanted));
}

std::int64_t generation(const Traffic& traffic) {
  std::int64_t sum = 0;
  for (const auto& reading : traffic.routes) sum += reading.route.generation;
  return sum;
}

// What is due counts once, however often it is tried; only weight that came back counts again.
void move(Draft& draft, const Traffic& traffic) {
  auto& status = draft.out.next;
  const auto now = generation(traffic);
  const auto ours = static_cast<std::int64_t>(traffic.routes.size());  // each write of ours raises one by one
  if (status.traffic_moves == 0 || now > status.traffic_generation + ours) {
    if (const auto due = next_traffic_move(status); due && draft.course.now < *due) {
      draft.look_at(*due);
      return;
    }
    ++status.traffic_moves;
    status.traffic_generation = now;
    status.last_traffic_move = draft.course.now;
  }
  for (const auto& reading : traffic.routes) {
    if (reading.problem || !has_weight(reading)) continue;
    draft.out.steps.emplace_back(MoveTraffic{on_bad_target(draft), reading.ref, reading.route.uid, pair_of(draft)});
  }
}

std::string weights(const Traffic& traffic) {
  std::string all;
  for (const auto& reading : traffic.routes) {
    for (const auto& split : reading.route.splits) {
      all += fmt::format("{}{} rule {}: ", all.empty() ? "" : "; ", api::describe(reading.ref), split.rule);
      all += split.names_stable ? fmt::format("stable {}, canary {} of {}", split.stable, split.canary, split.sum)
                                : std::string("the canary alone, left as it is");
    }
    if (reading.route.mirrors)
      all += fmt::format("{}{} mirrors requests to the canary, left as it is", all.empty() ? "" : "; ",
                         api::describe(reading.ref));
  }
  return all;
}

struct Obstacle {
  const char* reason = nullptr;
  std::string message;
};

// What keeps the reading from saying that nothing goes to the canary.
Obstacle obstacle(const Traffic& traffic) {
  for (const auto& reading : traffic.routes) {
    if (reading.problem)
      return {reason::kRouteUnavailable,
              fmt::format("{} can't be read: {}", api::describe(reading.ref), reading.problem->what)};
  }
  for (const auto& reading : traffic.routes) {
    if (has_weight(reading)) return {reason::kMovingTraffic, "the canary still has weight: " + weights(traffic)};
    if (!reading.route.accepted)
      return {reason::kRouteNotAccepted, api::describe(reading.ref) + " was not accepted by its router at this generation"};
  }
  return {};
}

bool any_weight(const Traffic& traffic) { return std::any_of(traffic.routes.begin(), traffic.routes.end(), has_weight); }

// Tells how it stands, and says what keeps it from being done.
Obstacle tell_weights(Draft& draft, const Traffic& traffic) {
  auto open = obstacle(traffic);
  if (!open.reason) open.message = "nothing goes to the canary: " + weights(traffic);
  open.message += capacity_note(draft);
  if (open.reason)
    draft.condition(kTrafficMoved, Status::False, reason::kMovingTraffic, open.message);
  else
    draft.condition(kTrafficMoved, Status::True, reason::kWeightsMoved, open.message);
  return open;
}

bool waits_for_capacity(Draft& draft, const Traffic& traffic, Instant since) {
  if (traffic.stable_wanted == 0 || draft.course.now >= since + kCapacityTime) return false;
  const int pods = expected(draft, traffic);
  if (traffic.stable_ready >= pods) return false;
  draft.condition(
      kTrafficMoved, Status::Unknown, reason::kWaitingForCapacity,
      fmt::format("the stable Service has {} ready pods and needs {} for all of the traffic: waits for {} s at most{}",
                  traffic.stable_ready, pods, kCapacityTime.count(), capacity_note(draft)));
  draft.look_at(since + kCapacityTime);
  return true;
}

// How the weights stand after all, where they could not be moved in time. A write that was refused stays told until the weight
// is gone: what is said anew at each look would be written anew at each look.
void retell_weights(Draft& draft, const Traffic& traffic) {
  const auto* step = draft.find_step(api::kStepTraffic);
  const bool has_failed = step->state == api::StepState::Failed;
  const auto* moved = api::find(draft.out.next.conditions, kTrafficMoved);
  const bool was_refused = moved && (moved->reason == reason::kWriteDenied || moved->reason == reason::kWriteFailed);
  if ((!any_weight(traffic) || !was_refused) && !tell_weights(draft, traffic).reason && has_failed)
    draft.step(api::kStepTraffic, api::StepState::Done, weights(traffic));
}

// Which pods the stable side has is told by its Service: while that can't be read, nothing is moved to them.
bool waits_for_services(Draft& draft, const base::Error& problem, Instant since) {
  const auto message = "the Services can't be read: " + problem.what;
  if (draft.course.now >= since + kAcceptTime) return traffic_given_up(draft, reason::kRouteUnavailable, message);
  draft.condition(kTrafficMoved, Status::False, reason::kRouteUnavailable, message);
  draft.look_at(since + kAcceptTime);
  return true;
}

bool moving(Draft& draft, const Traffic& traffic, Instant since) {
  const bool is_first = draft.out.next.traffic_moves == 0 && any_weight(traffic);
  if (is_first && traffic.service_problem) return waits_for_services(draft, *traffic.service_problem, since);
  if (is_first && waits_for_capacity(draft, traffic, since)) return true;
  if (is_first && traffic.stable_ready == 0)
    return traffic_given_up(draft, reason::kNoReadyPods, "the stable Service has no ready pod, so no traffic was moved to it");
  if (is_first) tell_shortage(draft, traffic.stable_ready);
  const auto open = tell_weights(draft, traffic);
  if (!open.reason) {
    draft.step(api::kStepTraffic, api::StepState::Done, weights(traffic));
    return false;
  }
  const Instant limit = api::find(draft.out.next.conditions, kTrafficMoved)->changed + kAcceptTime;
  if (draft.course.now >= limit) {
    const auto& error = draft.out.next.last_error;
    return traffic_given_up(draft, open.reason, error.empty() ? open.message : open.message + "; the last write: " + error);
  }
  if (any_weight(traffic)) move(draft, traffic);
  draft.look_at(limit);
  return true;
}

}  // namespace

std::optional<Instant> next_traffic_move(const api::RollbackStatus& status) {
  if (!status.last_traffic_move) return std::nullopt;
  return *status.last_traffic_move + std::min(Seconds{60}, Seconds{1 << std::clamp(status.traffic_moves - 1, 0, 6)});
}

bool is_overdue(Draft& draft, Instant limit, Millis time) {
  const Instant own = draft.course.now + time - draft.course.world.traffic_wanted_for;
  const Instant due = std::max(limit, own);
  if (draft.course.now >= due) return true;
  draft.look_at(due);
  return false;
}

bool traffic_given_up(Draft& draft, const char* why, const std::string& message) {
  draft.condition(kTrafficMoved, Status::False, why, message + "; the revert goes on");
  draft.step(api::kStepTraffic, api::StepState::Failed, message);
  return false;
}

bool traffic_pending(Draft& draft) {
  if (!draft.run.status.plan->settings.canary) return false;
  give_back_routes(draft);
  const auto* step = draft.find_step(api::kStepTraffic);
  if (step && step->state != api::StepState::Running) {
    hold_traffic(draft);
    return false;
  }
  if (!step) {
    draft.step(api::kStepTraffic, api::StepState::Running);
    draft.condition(kTrafficMoved, Status::Unknown, reason::kPending, "the routes are being read");
  }
  const Instant since = *draft.find_step(api::kStepTraffic)->started;
  want(draft, kWhileMoving);
  const auto& traffic = draft.course.world.traffic;
  if (traffic && traffic->is_of_a_run(since)) return moving(draft, *traffic, since);
  if (is_overdue(draft, since + kAcceptTime, kAcceptTime))
    return traffic_given_up(draft, reason::kRouteUnavailable, "the routes could not be read in time");
  return true;
}

// Weights may come back for as long as the bad template is live, and what could not be moved in time may be moved later.
void hold_traffic(Draft& draft) {
  const auto* step = draft.find_step(api::kStepTraffic);
  if (!draft.run.status.plan->settings.canary || !step || step->state == api::StepState::Running) return;
  want(draft, kWhileHeld);
  const auto& traffic = draft.course.world.traffic;
  const bool has_failed = step->state == api::StepState::Failed;
  if (!traffic || traffic->stable_ready == 0 || (has_failed && traffic->taken <= step->ended.value_or(draft.course.now)))
    return;
  retell_weights(draft, *traffic);
  if (any_weight(*traffic)) move(draft, *traffic);
}

void give_back_routes(Draft& draft) {
  settle_minimum(draft);
  const auto& canary = draft.run.status.plan->settings.canary;
  if (!canary || draft.run.status.traffic_moves == 0) return;
  const auto& traffic = draft.course.world.traffic;
  const bool is_old = !traffic || traffic->taken < *draft.run.status.last_traffic_move;
  if (is_old && !draft.out.wants.traffic) want(draft, kWhileHeld);
  if (is_old) return;
  const auto* step = draft.find_step(api::kStepTraffic);
  if (!draft.run.finished() && step && step->state == api::StepState::Failed) {
    if (!draft.out.wants.traffic) want(draft, kWhileHeld);
    if (!obstacle(*traffic).reason) retell_weights(draft, *traffic);
  }
  for (const auto& reading : traffic->routes) {
    if (reading.problem || !reading.route.owned_by_us) continue;
    if (!draft.out.wants.traffic) want(draft, kWhileHeld);
    draft.out.steps.emplace_back(GiveBackOwnership{to_give_back(draft, reading.ref.name, reading.route.uid), reading.ref});
  }
}

api::RollbackStatus after_traffic_error(const api::RollbackStatus& status, const base::Error& error, Instant now) {
  api::RollbackStatus next = status;
  if (base::is_old_view(error.fault)) return next;
  next.last_error = error.what;
  const char* why = error.fault == base::Fault::Invalid ? reason::kWriteDenied : reason::kWriteFailed;
  api::set(next.conditions, {kTrafficMoved, Status::False, why, error.what, next.observed_generation, {}}, now);
  return next;
}

}  // namespace decide
