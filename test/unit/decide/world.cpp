#include "world.hpp"

#include <algorithm>

#include "decide/names.hpp"
#include "decide/reasons.hpp"
#include "decide/track.hpp"

namespace decide_test {
namespace {

api::Meta meta(const std::string& name, const std::string& uid, Instant created) {
  api::Meta out;
  out.ns = "shop";
  out.name = name;
  out.uid = uid;
  out.generation = 1;
  out.created = created;
  return out;
}

std::string name_of(int number, const std::string& release_name) {
  return release_name.empty() ? "v" + std::to_string(number) : release_name;
}

}  // namespace

api::Template release(const std::string& name) {
  api::Template out;
  out.body = "body of " + name;
  out.exact = "template of " + name;
  out.labels = {{"app", "web"}, {"track", "canary"}};
  out.cpu_millis = 100;
  out.memory_bytes = 1 << 20;
  return out;
}

std::string fingerprint(const std::string& release_name) { return api::fingerprint(release(release_name), {}); }

api::RevisionRef shipped(int number, const std::string& release_name) {
  const std::string text = std::to_string(number);
  return {"rs-" + text, "web-" + text, number, fingerprint(name_of(number, release_name))};
}

api::Trigger unstable(int more_than, Seconds window) { return {"unstable", api::FailuresTrigger{more_than, window}}; }
api::Trigger stuck(Seconds deadline) { return {"stuck", api::ProgressTrigger{deadline}}; }
api::Trigger memory(double above_mib, Seconds lasting, api::Measure measure) {
  return {"memory", api::MemoryTrigger{measure, std::to_string(static_cast<int>(above_mib)) + "Mi", above_mib * kMiB, lasting}};
}
api::CanaryPair canary_pair() { return {{{"gateway.networking.k8s.io", "HTTPRoute", "web"}}, "web", "web-canary"}; }

api::HttpChecks search_check() { return {8080, 5s, {{"search", "POST", "/api/v1/search", "{}", "application/json"}}}; }

World::World() {
  seen_.key = {"shop", "web"};
  api::RollbackPolicy policy;
  policy.meta = meta("web", kPolicyUid, kNow - 24h);
  policy.spec.target_name = "web";
  policy.spec.triggers = {unstable(), stuck()};
  seen_.policy = policy;
  api::Deployment target;
  target.meta = meta("web", kTargetUid, kNow - 48h);
  target.observed_generation = 1;
  seen_.target = target;
  seen_.traffic_wanted_for = 1h;  // not by a process that has just taken over
  replicas(3);
}

World& World::change(const std::function<void(decide::Snapshot&)>& with) {
  with(seen_);
  return *this;
}

World& World::triggers(std::vector<api::Trigger> all) {
  seen_.policy->spec.triggers = std::move(all);
  return *this;
}
World& World::mode(api::Mode mode) {
  seen_.policy->spec.mode = mode;
  return *this;
}
World& World::policy(const std::function<void(api::PolicySpec&)>& with) {
  with(seen_.policy->spec);
  return *this;
}
World& World::status(const std::function<void(api::PolicyStatus&)>& with) {
  with(seen_.policy->status);
  return *this;
}
World& World::policy_age(Seconds age) {
  seen_.policy->meta.created = kNow - age;
  return *this;
}
World& World::no_policy() {
  seen_.policy.reset();
  return *this;
}
World& World::kill_switch() {
  seen_.kill_switch = true;
  return *this;
}

World& World::soaking(Seconds since) {
  auto& status = seen_.policy->status;
  status.target_uid = kTargetUid;
  status.current = decide::ref(current());
  status.current_since = kNow - since;
  status.progressed = kNow - since;
  status.complete = true;
  status.most_available = current().set.available;
  status.soaking_since = kNow - since;
  status.healthy_once.clear();
  for (const auto& trigger : seen_.policy->spec.triggers) status.healthy_once.push_back(trigger.name);
  return *this;
}

World& World::revision(int number, const std::string& release_name) {
  decide::Revision next;
  next.set.meta = meta("web-" + std::to_string(number), "rs-" + std::to_string(number), kNow - 2h + number * 10min);
  next.set.revision = number;
  next.set.pod_template = release(name_of(number, release_name));
  next.fingerprint = api::fingerprint(next.set.pod_template,
                                      seen_.policy ? seen_.policy->spec.ignore_template_keys : std::vector<std::string>{});
  revision_ = next.set.meta.uid;
  seen_.revisions.push_back(std::move(next));
  return at(number).replicas(seen_.target->replicas);
}

World& World::at(int number) {
  auto& all = seen_.revisions;
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.set.revision > b.set.revision; });
  seen_.target->pod_template = all.front().set.pod_template;
  for (const auto& revision : all) {
    if (revision.set.revision == number) revision_ = revision.set.meta.uid;
  }
  return *this;
}

World& World::shipped_again(int number) {
  at(number);
  const auto next = static_cast<int>(seen_.revisions.front().set.revision + 1);
  selected().set.revision = next;
  selected().set.reused = true;
  return at(next).replicas(seen_.target->replicas);
}

World& World::age(Seconds age) {
  selected().set.meta.created = kNow - age;
  return *this;
}
World& World::good() {
  auto& revision = selected();
  seen_.policy->status.marks.push_back({revision.fingerprint, api::Mark::Good, "Soaked", revision.set.meta.name, kNow - 1h});
  return *this;
}
World& World::bad() {
  auto& revision = selected();
  seen_.policy->status.marks.push_back({revision.fingerprint, api::Mark::Bad, "unstable", revision.set.meta.name, kNow - 1h});
  return *this;
}
World& World::annotated(const std::string& value) {
  selected().set.mark = value;
  return *this;
}
World& World::no_way_back() {
  selected().set.pod_template.annotations[api::kNoWayBackAnnotation] = "the database was migrated";
  return *this;
}
World& World::seen_ready() {
  selected().seen_ready = true;
  return *this;
}
World& World::deleting() {
  selected().set.meta.deleted = kNow;
  return *this;
}

World& World::pod(const std::string& name) {
  api::Pod pod;
  pod.meta = meta(selected().set.meta.name + "-" + name, "pod-" + name, kNow - 30min);
  pod.phase = "Running";
  pod.node = "node-1";
  pod.ip = "10.0.0.1";
  pod.ready = true;
  pod.ready_changed = kNow - 30min;
  pod.containers.push_back({"web", api::ContainerKind::App, 0, true, "", "", {}, {}});
  pod_ = pod.meta.uid;
  selected().pods.push_back(std::move(pod));
  return *this;
}
World& World::pods(int count) {
  for (int n = 0; n < count; ++n) pod(std::string(1, static_cast<char>('a' + n)));
  return *this;
}
World& World::pod_is(const std::function<void(api::Pod&)>& with) {
  with(selected_pod());
  return *this;
}
World& World::unready(Seconds ago) {
  selected_pod().ready = false;
  selected_pod().ready_changed = kNow - ago;
  return *this;
}
World& World::unschedulable() {
  auto& pod = selected_pod();
  pod.phase = "Pending";
  pod.unschedulable = true;
  pod.ready_changed.reset();
  pod.ready = false;
  return *this;
}
World& World::crash(int nth, Seconds ago) {
  seen_.failures.push_back(
      {pod_ + "/web/" + std::to_string(nth), revision_, selected_pod().meta.name, "web", "Error", 1, kNow - ago});
  return *this;
}
World& World::lost_ready(Seconds ago, std::optional<Seconds> back_ago) {
  decide::LostReady lost{pod_, selected_pod().meta.name, revision_, kNow - ago, {}};
  if (back_ago) lost.back = kNow - *back_ago;
  seen_.lost_ready.push_back(lost);
  return *this;
}
World& World::samples(const std::vector<double>& mib, Seconds newest_ago, Seconds apart) {
  decide::ContainerMemory seen{pod_, "web", {}};
  const Instant newest = kNow - newest_ago;
  const auto last = static_cast<int>(mib.size()) - 1;
  for (int n = 0; n <= last; ++n) seen.samples.push_back({newest - apart * (last - n), mib[n] * kMiB, 2 * mib[n] * kMiB});
  seen_.memory.push_back(std::move(seen));
  return *this;
}
World& World::probe(decide::Probed outcome, Seconds ago, const std::string& message) {
  seen_.probes.push_back({pod_, selected_pod().meta.name, "search", kNow - ago, outcome, message});
  return *this;
}

World& World::replicas(int count) {
  seen_.target->replicas = count;
  return counts(count, count, count);
}
World& World::counts(int updated, int available, int all) {
  auto& target = *seen_.target;
  target.updated = updated;
  target.available = available;
  target.ready = available;
  target.status_replicas = all;
  if (!seen_.revisions.empty()) current().set.available = available;
  return *this;
}
World& World::split(int stable, int canary, Seconds read_ago) {
  seen_.policy->spec.canary = canary_pair();
  decide::Traffic traffic;
  traffic.taken = kNow - read_ago;
  traffic.stable_selector = {{"app", "web"}, {"track", "stable"}};
  traffic.canary_selector = {{"app", "web"}, {"track", "canary"}};
  traffic.autoscalers.emplace();
  traffic.stable_ready = 3;
  traffic.stable_wanted = 3;
  const api::Split split{.stable = stable, .canary = canary, .sum = stable + canary, .names_stable = true, .canary_at = {1}};
  traffic.routes = {{canary_pair().routes.front(), {}, {.uid = "route-uid", .generation = 1, .splits = {split}}}};
  seen_.traffic = std::move(traffic);
  return *this;
}

World& World::traffic(const std::function<void(decide::Traffic&)>& with) {
  with(*seen_.traffic);
  return *this;
}

World& World::paused() {
  seen_.target->paused = true;
  return *this;
}
World& World::rollback(api::Rollback run) {
  seen_.rollbacks.push_back(std::move(run));
  std::stable_sort(seen_.rollbacks.begin(), seen_.rollbacks.end(),
                   [](const auto& a, const auto& b) { return a.meta.created > b.meta.created; });
  return *this;
}

decide::Revision& World::current() { return seen_.revisions.front(); }
decide::Revision& World::selected() {
  return *std::find_if(seen_.revisions.begin(), seen_.revisions.end(),
                       [&](const auto& revision) { return revision.set.meta.uid == revision_; });
}
api::Pod& World::selected_pod() {
  auto& pods = selected().pods;
  return *std::find_if(pods.begin(), pods.end(), [&](const auto& pod) { return pod.meta.uid == pod_; });
}

RunFrom::RunFrom(int from, const std::string& release_name) : bad_(shipped(from, release_name)) {
  const std::string name = decide::rollback_name(meta("web", kPolicyUid, kNow), kTargetUid, bad_);
  run_.meta = meta(name, "uid of " + name, kNow - 60s);
  run_.spec.policy_name = "web";
  run_.spec.trigger_name = "unstable";
  run_.spec.from_uid = bad_.uid;
  run_.spec.from_number = from;
  run_.status.observed_generation = 1;
}

RunFrom& RunFrom::change(const std::function<void(api::Rollback&)>& with) {
  with(run_);
  return *this;
}
RunFrom& RunFrom::trigger(const std::string& name) {
  run_.spec.trigger_name = name;
  return *this;
}
RunFrom& RunFrom::by_hand() {
  run_.meta.name = "by-hand";
  run_.meta.uid = "uid of by-hand";
  return trigger("");
}
RunFrom& RunFrom::age(Seconds age) {
  run_.meta.created = kNow - age;
  return *this;
}
RunFrom& RunFrom::decided(api::DecisionState state, const std::string& reason) {
  run_.spec.decisions = {{"Revert", state, reason}};
  return *this;
}
RunFrom& RunFrom::after(const std::string& previous, int depth) {
  run_.spec.previous = previous;
  run_.spec.depth = depth;
  return *this;
}
RunFrom& RunFrom::plan(int to, const std::string& release_name) {
  api::Plan plan;
  plan.target_name = "web";
  plan.target_uid = kTargetUid;
  plan.from = bad_;
  plan.to = shipped(to, release_name);
  plan.resolved = kNow - 50s;
  run_.status.plan = plan;
  return *this;
}
RunFrom& RunFrom::settings(const std::function<void(api::RunSettings&)>& with) {
  with(run_.status.plan->settings);
  return *this;
}
RunFrom& RunFrom::to_was_healthy(const std::string& trigger) {
  run_.status.plan->healthy_triggers.push_back(trigger);
  return *this;
}
RunFrom& RunFrom::reverts(int count, int last_number) {
  run_.status.reverts = count;
  run_.status.revert_number = last_number;
  return step(api::kStepEvidence, api::StepState::Done);
}
RunFrom& RunFrom::step(const char* name, api::StepState state, Seconds ago) {
  run_.status.steps.push_back({name, state, kNow - ago, {}, ""});
  if (state != api::StepState::Running) run_.status.steps.back().ended = kNow - ago;
  return *this;
}
RunFrom& RunFrom::condition(const char* type, api::Status status, const char* reason, Seconds ago) {
  api::set(run_.status.conditions, {type, status, reason, reason, 1, {}}, kNow - ago);
  return *this;
}
RunFrom& RunFrom::reverted(Seconds ago) {
  return reverts(1, static_cast<int>(bad_.number))
      .condition("Reverted", api::Status::True, decide::reason::kTemplateRestored, ago);
}
RunFrom& RunFrom::rolled_out(Seconds ago) { return reverted(ago).step(api::kStepRollout, api::StepState::Done, ago); }
RunFrom& RunFrom::restored(Seconds ago) {
  return rolled_out(ago)
      .step(api::kStepVerify, api::StepState::Done, ago)
      .step(api::kStepStabilize, api::StepState::Running, ago)
      .condition("Restored", api::Status::True, decide::reason::kCriteriaHold, ago);
}
RunFrom& RunFrom::complete(const char* reason) { return condition("Complete", api::Status::True, reason, 10s); }
RunFrom& RunFrom::failed(const char* reason) { return condition("Failed", api::Status::True, reason, 10s); }

Judged::Judged(const decide::Snapshot& seen, Instant now)
    : world(seen),
      tracked(decide::track(world, decide::current(world), now)),
      marks(decide::marks(world)),
      bench{world,
            *world.policy,
            *decide::current(world),
            tracked,
            decide::is_marked(marks, decide::current(world)->fingerprint, api::Mark::Good),
            decide::is_marked(marks, decide::current(world)->fingerprint, api::Mark::Bad),
            now} {}

World bad_runs() { return World().revision(1).good().revision(2); }
World healthy_one() { return bad_runs().soaking(60s).pod("a"); }
World crashing() { return bad_runs().pod("a").unready(5s).crash(1, 60s).crash(2, 30s); }

decide::Finding healthy(const std::string& trigger) {
  return {trigger, api::Verdict::Healthy, decide::reason::kWithinLimit, trigger + " is fine", "", {}};
}
decide::Finding breached(const std::string& trigger) {
  return {trigger, api::Verdict::Breached, decide::reason::kFailureLimitExceeded, trigger + " is breached", "", {}};
}
decide::Finding unknown(const std::string& trigger) {
  return {trigger, api::Verdict::Unknown, decide::reason::kNoReadings, trigger + " is unknown", "", {}};
}

decide::Progress proceed(const decide::Snapshot& world, const std::vector<decide::Finding>& findings, Instant now) {
  const auto* current = decide::current(world);
  const auto marks = decide::marks(world);
  std::optional<api::PolicyStatus> tracked;
  if (world.policy) tracked = decide::track(world, current, now);
  return decide::proceed(world.rollbacks.front(), {world, current, findings, tracked ? &*tracked : nullptr, marks, now});
}

std::string condition(const api::Conditions& all, const char* type) {
  const auto* found = api::find(all, type);
  return found ? std::string(api::to_text(found->status)) + " " + found->reason : "";
}

std::string step(const api::RollbackStatus& status, const char* name) {
  for (const auto& entry : status.steps) {
    if (entry.name == name) return std::string(api::to_text(entry.state)) + (entry.message.empty() ? "" : " " + entry.message);
  }
  return "";
}

}  // namespace decide_test
