#include <algorithm>

#include "random_world.hpp"
#include "world.hpp"

namespace decide_test {
namespace {

// The template becomes the target's: its ReplicaSet, new or old, gets the highest number and begins with one pod.
void ship(decide::Snapshot& world, const api::Template& pod_template, Instant now) {
  auto& all = world.revisions;
  const auto number = all.empty() ? 1 : all.front().set.revision + 1;
  auto found = std::find_if(all.begin(), all.end(),
                            [&](const auto& revision) { return revision.set.pod_template.exact == pod_template.exact; });
  if (found == all.end()) {
    decide::Revision next;
    next.set.meta.uid = "rs-" + std::to_string(number);
    next.set.meta.name = "web-" + std::to_string(number);
    next.set.meta.created = now;
    next.set.pod_template = pod_template;
    next.fingerprint = api::fingerprint(pod_template, {});
    found = all.insert(all.begin(), std::move(next));
  } else {
    found->set.reused = true;
  }
  found->set.revision = number;
  found->set.available = 0;
  std::rotate(all.begin(), found, found + 1);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.set.revision > b.set.revision; });
  auto& target = *world.target;
  target.pod_template = pod_template;
  target.meta.generation = target.observed_generation = target.meta.generation + 1;
  target.updated = 1;
  target.status_replicas = target.replicas + 1;
  target.progressing_reason.clear();
}

api::Pod new_pod(const decide::Revision& revision, int n, Instant now) {
  const std::string name = revision.set.meta.name + "-" + std::to_string(revision.set.revision) + std::to_string(n);
  api::Pod pod;
  pod.meta.name = name;
  pod.meta.uid = "uid-of-" + name;
  pod.phase = "Running";
  pod.node = "node-1";
  pod.ip = "10.0.0.1";
  pod.ready = true;
  pod.ready_changed = now;
  pod.containers.push_back({"web", api::ContainerKind::App, 0, true, "", "", {}, {}});
  return pod;
}

void roll_out(decide::Snapshot& world, Instant now) {
  auto& target = *world.target;
  if (world.revisions.empty() || target.paused) return;
  for (auto& revision : world.revisions) revision.pods.clear();
  auto& current = world.revisions.front();
  for (int n = 0; n < target.replicas; ++n) current.pods.push_back(new_pod(current, n, now));
  current.seen_ready = true;
  current.set.available = target.replicas;
  target.updated = target.available = target.status_replicas = target.replicas;
}

void crash(decide::Snapshot& world, Dice& dice, Instant now) {
  if (world.revisions.empty()) return;
  auto& current = world.revisions.front();
  if (current.pods.empty()) current.pods.push_back(new_pod(current, 0, now));
  auto& pod = current.pods[static_cast<size_t>(dice.below(static_cast<int>(current.pods.size())))];
  for (int n = 1 + dice.below(3); n > 0; --n) {
    ++pod.containers.front().restarts;
    world.failures.push_back({pod.meta.uid + "/web/" + std::to_string(pod.containers.front().restarts), current.set.meta.uid,
                              pod.meta.name, "web", "Error", 1, now});
  }
  pod.ready = false;
  pod.ready_changed = now;
}

void measure(decide::Snapshot& world, Dice& dice, Instant now) {
  world.memory.clear();
  world.probes.clear();
  const double mib = dice.once_in(3) ? 900 : 100;
  const auto outcome =
      dice.one_of<decide::Probed>({decide::Probed::Ok, decide::Probed::Ok, decide::Probed::Wrong, decide::Probed::Unreachable});
  for (const auto& revision : world.revisions) {
    for (const auto& pod : revision.pods) {
      world.memory.push_back({pod.meta.uid, "web", {{now - 45s, mib * kMiB, mib * kMiB}, {now, mib * kMiB, mib * kMiB}}});
      world.probes.push_back({pod.meta.uid, pod.meta.name, "search", now, outcome, "said"});
    }
  }
}

void decide_by_hand(decide::Snapshot& world, Dice& dice) {
  for (auto& run : world.rollbacks) {
    if (run.finished()) continue;
    run.spec.decisions = {{"Revert", dice.once_in(3) ? api::DecisionState::Aborted : api::DecisionState::Approved, ""}};
    ++run.meta.generation;
  }
}

}  // namespace

void happen(decide::Snapshot& world, Dice& dice, Instant now) {
  switch (dice.below(14)) {
    case 0:
      ship(world, release("r" + std::to_string(dice.below(5))), now);
      break;
    case 1:
    case 2:
    case 3:
      roll_out(world, now);
      break;
    case 4:
    case 5:
    case 6:
      crash(world, dice, now);
      break;
    case 7:
    case 8:
      measure(world, dice, now);
      break;
    case 9:
      decide_by_hand(world, dice);
      break;
    case 10:
      world.kill_switch = !world.kill_switch && dice.once_in(3);
      break;
    case 11:
      if (world.policy)
        world.policy->spec.mode =
            dice.one_of<api::Mode>({api::Mode::Enforce, api::Mode::Enforce, api::Mode::Observe, api::Mode::Paused});
      break;
    case 12:
      world.target->paused = !world.target->paused && dice.once_in(3);
      break;
    case 13:
      if (dice.once_in(10)) world.policy.reset();
      break;
    default:
      break;
  }
}

void perform(decide::Snapshot& world, const std::vector<decide::Step>& plan, Instant now) {
  for (const auto& step : plan) {
    const auto* write = std::get_if<decide::RevertTemplate>(&step);
    if (!write) {
      world.target->owned_by_us = false;
      continue;
    }
    const auto* good = decide::find_revision(world, write->to_uid);
    if (!good || world.target->pod_template.exact != write->from_exact) continue;
    ship(world, api::Template(good->set.pod_template), now);
    world.target->owned_by_us = true;
  }
}

}  // namespace decide_test
