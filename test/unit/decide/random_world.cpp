#include "random_world.hpp"

#include <algorithm>
#include <cmath>

#include "decide/names.hpp"
#include "decide/reasons.hpp"
#include "world.hpp"

namespace decide_test {
namespace {

std::string numbered(const char* what, int n) { return what + std::to_string(n); }

api::Template some_template(Dice& dice) {
  auto out = release(numbered("r", dice.below(5)));
  if (dice.once_in(4)) out.annotations["build"] = numbered("", dice.below(2));
  if (dice.once_in(6)) out.annotations[api::kRestartedAtAnnotation] = "then";
  if (dice.once_in(12)) out.annotations[api::kNoWayBackAnnotation] = "why";
  if (dice.once_in(6)) out.cpu_millis = dice.below(500);
  for (const auto& [key, value] : out.annotations) out.exact += key + value;
  return out;
}

api::Pod some_pod(Dice& dice, int revision, int n) {
  api::Pod pod;
  pod.meta.name = "web-" + std::to_string(revision) + "-" + std::to_string(n);
  pod.meta.uid = "pod-" + std::to_string(revision) + "-" + std::to_string(n);
  if (dice.once_in(6)) pod.meta.deleted = kNow;
  pod.phase = dice.one_of<std::string>({"Running", "Running", "Running", "Pending", "Failed", "Succeeded", ""});
  pod.node = dice.once_in(4) ? "" : "node-1";
  pod.ip = dice.once_in(4) ? "" : "10.0.0.1";
  pod.ready = !dice.once_in(3);
  pod.ready_changed = dice.maybe(dice.about_now());
  pod.disrupted = dice.once_in(10);
  pod.unschedulable = dice.once_in(10);
  if (!dice.once_in(4))
    pod.containers.push_back(
        {"web", api::ContainerKind::App, dice.below(4), pod.ready, dice.once_in(3) ? "CrashLoopBackOff" : "", "", {}, {}});
  if (!pod.containers.empty() && dice.once_in(2))
    pod.containers.front().last_ended = api::Ended{dice.below(3), "Error", dice.maybe(dice.about_now())};
  return pod;
}

void add_revisions(decide::Snapshot& world, Dice& dice, const std::vector<std::string>& ignore) {
  for (int n = dice.below(5); n > 0; --n) {
    decide::Revision revision;
    revision.set.meta.uid = numbered("rs-", n);
    revision.set.meta.name = numbered("web-", n);
    revision.set.meta.created = dice.maybe(dice.about_now(90000));
    if (dice.once_in(10)) revision.set.meta.deleted = kNow;
    if (dice.once_in(8)) revision.set.mark = dice.one_of<std::string>({"good", "bad", "odd"});
    revision.set.revision = dice.below(8);
    revision.set.reused = dice.once_in(4);
    revision.set.available = dice.below(4);
    revision.set.pod_template = some_template(dice);
    revision.fingerprint = api::fingerprint(revision.set.pod_template, ignore);
    revision.seen_ready = dice.once_in(2);
    for (int pods = dice.below(4); pods > 0; --pods) revision.pods.push_back(some_pod(dice, n, pods));
    world.revisions.push_back(std::move(revision));
  }
  std::stable_sort(world.revisions.begin(), world.revisions.end(),
                   [](const auto& a, const auto& b) { return a.set.revision > b.set.revision; });
}

api::Deployment some_target(const decide::Snapshot& world, Dice& dice) {
  api::Deployment target;
  target.meta.ns = "shop";
  target.meta.name = "web";
  target.meta.uid = dice.once_in(10) ? "another" : kTargetUid;
  target.meta.generation = 2;
  target.observed_generation = dice.once_in(8) ? 1 : 2;
  target.replicas = dice.one_of<int>({0, 1, 3, 3});
  target.paused = dice.once_in(8);
  target.min_ready_seconds = dice.once_in(4) ? 30 : 0;
  target.progress_deadline_seconds = dice.one_of<int>({0, 600, 600, 1200});
  target.updated = dice.below(4);
  target.available = dice.below(4);
  target.status_replicas = std::max(target.updated, dice.below(5));
  target.progressing_reason = dice.once_in(5) ? "NewReplicaSetAvailable" : "";
  target.owned_by_us = dice.once_in(4);
  target.delivery.by = dice.one_of<api::Deliverer>({api::Deliverer::None, api::Deliverer::ArgoCD, api::Deliverer::Flux});
  target.pod_template =
      world.revisions.empty() || dice.once_in(6) ? some_template(dice) : world.revisions.front().set.pod_template;
  return target;
}

api::Condition some_condition(const char* type, Dice& dice) {
  const auto status = dice.one_of<api::Status>({api::Status::True, api::Status::False, api::Status::Unknown});
  const auto reason = decide::reason::kAll[static_cast<size_t>(dice.below(static_cast<int>(decide::reason::kAll.size())))];
  return {type, status, reason, "before", 1, dice.about_now()};
}

api::RevisionRef some_ref(const decide::Snapshot& world, Dice& dice) {
  if (world.revisions.empty() || dice.once_in(5)) return {"rs-9", "web-9", dice.below(9), fingerprint("r1")};
  auto ref = decide::ref(dice.one_of(world.revisions));
  if (dice.once_in(3)) ref.number -= 1;
  return ref;
}

api::PolicySpec some_spec(Dice& dice) {
  api::PolicySpec spec;
  spec.target_name = "web";
  spec.mode = dice.one_of<api::Mode>(
      {api::Mode::Enforce, api::Mode::Enforce, api::Mode::Enforce, api::Mode::Observe, api::Mode::Paused});
  if (!dice.once_in(4))
    spec.triggers.push_back(unstable(dice.one_of<int>({-1, 0, 1, 5}), Seconds{dice.one_of<int>({0, 10, 600})}));
  if (!dice.once_in(4)) spec.triggers.push_back(stuck(Seconds{dice.one_of<int>({0, 10, 300, 300})}));
  if (dice.once_in(2)) spec.triggers.push_back(memory(dice.below(900), Seconds{dice.below(60)}));
  if (dice.once_in(3)) spec.http = search_check();
  spec.stabilization = Seconds{dice.one_of<int>({0, 60, 1800})};
  spec.verification_timeout = Seconds{dice.one_of<int>({10, 300})};
  spec.soak = Seconds{dice.one_of<int>({0, 10, 300})};
  spec.suspect = Seconds{dice.one_of<int>({60, 604800})};
  spec.max_rollbacks = dice.one_of<int>({1, 3});
  spec.max_depth = dice.one_of<int>({1, 2, 3});
  spec.history_limit = dice.one_of<int>({1, 2, 10});
  if (dice.once_in(3)) spec.ignore_template_keys = {"build"};
  return spec;
}

api::Failure some_failure(Dice& dice) {
  const int revision = dice.below(5);
  const std::string pod = std::to_string(revision) + "-" + std::to_string(1 + dice.below(3));
  const bool waiting = dice.once_in(6);
  return {"pod-" + pod + (waiting ? "/web/waiting/" : "/web/") + std::to_string(dice.below(4)),
          numbered("rs-", revision),
          "web-" + pod,
          "web",
          "Error",
          1,
          dice.about_now(900)};
}

void fill_status(api::PolicyStatus& status, const decide::Snapshot& world, Dice& dice) {
  for (const char* type : {"Ready", "Stalled", "Triggered", "TargetResolved"}) {
    if (dice.once_in(2)) status.conditions.push_back(some_condition(type, dice));
  }
  status.target_uid = dice.once_in(3) ? "" : kTargetUid;
  status.current =
      dice.maybe(world.revisions.empty() || dice.once_in(3) ? some_ref(world, dice) : decide::ref(world.revisions.front()));
  status.current_since = dice.maybe(dice.about_now());
  status.complete = dice.once_in(2);
  status.soaking_since = dice.maybe(dice.about_now());
  if (dice.once_in(2)) status.healthy_once = {"unstable", "stuck", "memory"};
  status.most_updated = dice.below(4);
  status.most_available = dice.below(4);
  status.progressed = dice.maybe(dice.about_now());
  for (int n = dice.below(4); n > 0; --n) {
    const auto mark = dice.once_in(2) ? api::Mark::Good : api::Mark::Bad;
    const auto of = fingerprint(numbered("r", n));
    status.marks.push_back({of, mark, dice.once_in(3) ? "ByPerson" : "unstable", "web", dice.about_now()});
  }
  for (int n = dice.below(4); n > 0; --n) status.failures.push_back(some_failure(dice));
  if (dice.once_in(2))
    status.triggers.push_back({"unstable", api::Verdict::Breached, "FailureLimitExceeded", "before", "1", dice.about_now(),
                               dice.maybe(dice.about_now())});
}

void fill_run(api::RollbackStatus& status, const decide::Snapshot& world, Dice& dice) {
  for (const char* type : {"Approved", "Reverted", "Restored"}) {
    if (!dice.once_in(3)) status.conditions.push_back(some_condition(type, dice));
  }
  if (dice.once_in(2)) status.conditions.push_back(some_condition(dice.once_in(2) ? "Complete" : "Failed", dice));
  if (!dice.once_in(3)) {
    api::Plan plan;
    plan.target_name = "web";
    plan.target_uid = dice.once_in(10) ? "another" : kTargetUid;
    plan.from = some_ref(world, dice);
    plan.to = some_ref(world, dice);
    plan.settings = {Seconds{dice.below(300)}, dice.maybe(search_check()), Seconds{dice.below(1800)}, 60s, 2, {},
                     Seconds{dice.below(600)}};
    if (dice.once_in(2)) plan.healthy_triggers = {"unstable", "stuck"};
    plan.resolved = kNow;
    status.plan = plan;
  }
  status.reverts = dice.below(5);
  status.revert_number = dice.below(8);
  status.attempts = dice.below(7);
  status.last_attempt = dice.maybe(dice.about_now(60));
  status.progressed = dice.maybe(dice.about_now());
  status.most_available = dice.below(4);
  for (const char* name :
       {api::kStepPreflight, api::kStepEvidence, api::kStepRevert, api::kStepRollout, api::kStepVerify, api::kStepStabilize}) {
    const auto state = dice.one_of<api::StepState>(
        {api::StepState::Waiting, api::StepState::Running, api::StepState::Done, api::StepState::Failed});
    if (dice.once_in(2)) status.steps.push_back({name, state, dice.maybe(dice.about_now()), {}, ""});
  }
}

api::Rollback some_run(const decide::Snapshot& world, Dice& dice, int n) {
  api::Rollback run;
  const auto from = some_ref(world, dice);
  api::Meta policy;
  policy.name = "web";
  policy.uid = kPolicyUid;
  run.meta.ns = "shop";
  run.meta.name = dice.once_in(2) ? decide::rollback_name(policy, kTargetUid, from) : numbered("run-", n);
  run.meta.uid = numbered("run-uid-", n);
  run.meta.generation = dice.below(3);
  run.meta.created = dice.maybe(dice.about_now());
  run.spec.policy_name = dice.once_in(6) ? "other" : "web";
  run.spec.trigger_name = dice.one_of<std::string>({"", "unstable", "unstable", "stuck", "memory"});
  run.spec.from_uid = dice.once_in(4) ? "" : from.uid;
  run.spec.from_number = dice.once_in(4) ? 0 : from.number;
  if (dice.once_in(6)) run.spec.to_uid = some_ref(world, dice).uid;
  if (dice.once_in(4)) run.spec.previous = numbered("run-", dice.below(4));
  run.spec.depth = dice.below(3);
  const auto state =
      dice.one_of<api::DecisionState>({api::DecisionState::Waiting, api::DecisionState::Approved, api::DecisionState::Aborted});
  if (dice.once_in(4)) run.spec.decisions.push_back({"Revert", state, dice.once_in(2) ? "RevisionTooOld: said so" : ""});
  if (!dice.once_in(4)) fill_run(run.status, world, dice);
  run.plan_unknown = !run.status.plan && dice.once_in(15);
  return run;
}

void add_measures(decide::Snapshot& world, Dice& dice) {
  for (int n = dice.below(8); n > 0; --n) world.failures.push_back(some_failure(dice));
  for (const auto& revision : world.revisions) {
    for (const auto& pod : revision.pods) {
      if (dice.once_in(4))
        world.lost_ready.push_back({pod.meta.uid, pod.meta.name, revision.set.meta.uid, dice.about_now(60), dice.maybe(kNow)});
      if (dice.once_in(4)) {
        const auto outcome =
            dice.one_of<decide::Probed>({decide::Probed::Ok, decide::Probed::Wrong, decide::Probed::Unreachable});
        world.probes.push_back({pod.meta.uid, pod.meta.name, "search", dice.about_now(60), outcome, "said"});
      }
      if (dice.once_in(2)) continue;
      decide::ContainerMemory seen{pod.meta.uid, "web", {}};
      const auto newest = dice.about_now(90);
      for (int n = dice.below(5); n >= 0; --n)
        seen.samples.push_back(
            {newest - 15s * n, dice.once_in(8) ? std::nan("") : dice.below(1000) * kMiB, dice.below(1000) * kMiB});
      world.memory.push_back(std::move(seen));
    }
  }
  if (dice.once_in(6))
    world.memory_problem = base::Error{dice.once_in(2) ? base::Fault::Forbidden : base::Fault::Unavailable, "no answer"};
  if (dice.once_in(3)) world.evidence = std::vector<api::PodEvidence>(static_cast<size_t>(dice.below(2)));
}

}  // namespace

Instant Dice::about_now(int most) { return kNow + 2s - Seconds{below(most)}; }

decide::Snapshot random_world(Dice& dice) {
  decide::Snapshot world;
  world.key = {"shop", "web"};
  const auto spec = some_spec(dice);
  add_revisions(world, dice, spec.ignore_template_keys);
  if (!dice.once_in(15)) world.target = some_target(world, dice);
  if (!dice.once_in(15)) {
    api::RollbackPolicy policy;
    policy.meta.ns = "shop";
    policy.meta.name = "web";
    policy.meta.uid = kPolicyUid;
    policy.meta.generation = dice.below(3);
    policy.meta.created = dice.maybe(dice.about_now(90000));
    policy.spec = spec;
    if (dice.once_in(20)) policy.spec_error = "spec.triggers: odd";
    if (!dice.once_in(4)) fill_status(policy.status, world, dice);
    world.policy = policy;
  }
  for (int n = dice.below(5); n > 0; --n) world.rollbacks.push_back(some_run(world, dice, n));
  std::stable_sort(world.rollbacks.begin(), world.rollbacks.end(),
                   [](const auto& a, const auto& b) { return a.meta.created > b.meta.created; });
  for (const char* right :
       {"create rollbacks.rollback.riptide.dev", "patch rollbacks.rollback.riptide.dev/status", "patch deployments.apps"}) {
    if (!dice.once_in(5)) world.permissions.push_back({right, !dice.once_in(15)});
  }
  if (dice.once_in(15)) world.rival = decide::Rival{"older"};
  add_measures(world, dice);
  world.kill_switch = dice.once_in(6);
  world.reverting_elsewhere = dice.once_in(8) ? 10 : 0;
  return world;
}

}  // namespace decide_test
