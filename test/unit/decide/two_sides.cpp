#include "two_sides.hpp"

#include "decide/reasons.hpp"

namespace decide_test {

namespace reason = decide::reason;
using api::Status;
using api::StepState;

api::BlueGreenPair pair(bool reverts) { return {"web", "track", "web", "web-peer", 30s, reverts}; }

namespace {

decide::Revision peer_revision(const std::string& name) {
  decide::Revision out;
  out.set.meta.name = "web-peer-7";
  out.set.meta.uid = "rs-peer";
  out.set.meta.created = kNow - 24h;
  out.set.revision = 7;
  out.set.available = 3;
  out.set.pod_template = release(name);
  out.set.pod_template.labels["track"] = "stable";
  out.set.pod_template.exact += " on the other side";
  out.fingerprint = api::fingerprint(out.set.pod_template, {});
  return out;
}
}  // namespace

api::RevisionRef peer_ref() { return decide::ref(peer_revision("v0")); }

// The Service selects Deployment "web" (track=canary); "web-peer" runs v0, older than all that "web" runs.
World before_two_sides() {
  return World().revision(1).good().revision(2).pod("a").unready(5s).crash(1, 60s).crash(2, 30s).change([](auto& world) {
    world.policy->spec.blue_green = pair();
    api::Service service;
    service.meta.ns = "shop";
    service.meta.name = "web";
    service.meta.uid = "service-uid";
    service.selector = {{"app", "web"}, {"track", "canary"}};
    world.service = service;
    decide::Side peer;
    peer.target = *world.target;
    peer.target.meta.name = "web-peer";
    peer.target.meta.uid = "peer-uid";
    peer.revisions = {peer_revision("v0")};
    peer.target.pod_template = peer.revisions.front().set.pod_template;
    world.peer = peer;
  });
}
World& turn(World& world) {
  return world.change([](auto& seen) {
    decide::Side taken_out{*seen.target, seen.revisions};
    seen.target = seen.peer->target;
    seen.revisions = seen.peer->revisions;
    seen.peer = taken_out;
    seen.service->selector["track"] = "stable";
  });
}
World after_the_turn(std::vector<std::string> endpoints) {
  World world = before_two_sides();
  return turn(world).change([&](auto& seen) {
    decide::Traffic traffic;
    traffic.taken = kNow;
    traffic.endpoints = std::move(endpoints);
    seen.traffic = traffic;
  });
}

RunFrom planned(bool with_back, bool reverts) {
  return RunFrom(2)
      .plan(1)
      .change([&](auto& run) {
        auto& plan = *run.status.plan;
        plan.back = with_back ? std::optional(plan.to) : std::nullopt;
        plan.to = peer_ref();
        plan.settings.blue_green = pair(reverts);
      })
      .step(api::kStepEvidence, StepState::Done);
}
RunFrom turning(Seconds since, bool with_back) {
  return planned(with_back, true)
      .step(api::kStepTraffic, StepState::Running, since)
      .condition("TrafficMoved", Status::False, reason::kMovingTraffic, since)
      .change([&](auto& run) { run.status.traffic_moves = 1, run.status.last_traffic_move = kNow - since; });
}
RunFrom turned(bool with_back, Seconds ago, bool reverts) {
  return planned(with_back, reverts)
      .step(api::kStepTraffic, StepState::Done, ago)
      .condition("TrafficMoved", Status::True, reason::kServiceTurned, ago)
      .change([&](auto& run) { run.status.traffic_moves = 1, run.status.last_traffic_move = kNow - ago; });
}

}  // namespace decide_test
