#include "observe/measurements.hpp"

#include <algorithm>
#include <utility>

namespace observe {
namespace {

using api::Key;

// Calls `use` with each of `all` that is not in `others`.
template <class F>
void for_each_missing(const std::set<std::string>& all, const std::set<std::string>& others, F&& use) {
  for (const auto& each : all) {
    if (!others.contains(each)) use(each);
  }
}

constexpr Millis kQuietPeriod{10'000};

Job traffic_job(const Key& policy) { return {Job::What::Traffic, policy, "", ""}; }

Job rights_job(const std::string& ns, const std::string& right) { return {Job::What::Rights, {ns, ""}, right, ""}; }

Job memory_job(const std::string& node) { return {Job::What::Memory, {}, node, ""}; }

}  // namespace

void Measurements::want(const Key& policy, decide::Wants wants, const std::vector<std::string>& memory_pods, Millis now) {
  auto& mine = wants_[policy];
  want_nodes(policy, mine, {wants.memory_nodes.begin(), wants.memory_nodes.end()}, now);
  want_pods(mine, {memory_pods.begin(), memory_pods.end()});
  want_probes(policy, mine, std::move(wants.probe), now);
  want_routes(policy, mine, std::move(wants.traffic), now);
  want_rights(policy, wants.rights, now);
  if (wants.evidence) want_evidence(policy, mine, *wants.evidence, now);
  if (mine.is_empty()) wants_.erase(policy);
}

void Measurements::want_nodes(const Key& policy, Want& mine, std::set<std::string> nodes, Millis now) {
  for_each_missing(nodes, mine.nodes, [&](const std::string& node) {
    nodes_[node].wanted_by.insert(policy);
    schedule_.want(memory_job(node), now);
  });
  for_each_missing(mine.nodes, nodes, [&](const std::string& node) {
    const auto at = nodes_.find(node);
    at->second.wanted_by.erase(policy);
    if (!at->second.wanted_by.empty()) return;
    nodes_.erase(at);
    schedule_.drop(memory_job(node));
  });
  mine.nodes = std::move(nodes);
}

void Measurements::want_pods(Want& mine, std::set<std::string> pods) {
  for_each_missing(pods, mine.pods, [&](const std::string& pod) { samples_.hold(pod); });
  for_each_missing(mine.pods, pods, [&](const std::string& pod) { samples_.release(pod); });
  mine.pods = std::move(pods);
}

void Measurements::want_probes(const Key& policy, Want& mine, std::optional<decide::ProbeWant> probe, Millis now) {
  std::map<Job, std::optional<decide::ProbeResult>> probes;
  if (probe) {
    for (const auto& pod : probe->pods) {
      for (const auto& check : probe->http.checks) {
        const Job job{Job::What::Probe, policy, pod.pod_uid, check.name};
        const auto known = mine.probes.find(job);
        probes.emplace(job, known == mine.probes.end() ? std::nullopt : std::move(known->second));
        schedule_.want(job, now);
      }
    }
  }
  for (const auto& [job, result] : mine.probes) {
    if (!probes.contains(job)) schedule_.drop(job);
  }
  mine.probes = std::move(probes);
  mine.probe = std::move(probe);
}

// Wanted more often than before, they are read at once.
void Measurements::want_routes(const Key& policy, Want& mine, std::optional<decide::TrafficWant> traffic, Millis now) {
  const bool is_same = mine.routes && traffic && mine.routes->asked == *traffic;
  if (is_same || (!mine.routes && !traffic)) return;
  const bool is_pair = mine.routes && traffic && mine.routes->asked.of == traffic->of;
  const bool waits_longer = is_pair && mine.routes->asked.period <= traffic->period;
  if (!waits_longer) schedule_.drop(traffic_job(policy));
  if (!traffic) {
    mine.routes.reset();
    return;
  }
  const bool is_as_before = is_pair && mine.routes->asked.with_autoscalers == traffic->with_autoscalers;
  const auto since = is_as_before ? mine.routes->since : now;
  auto found = is_pair ? std::move(mine.routes->found) : std::nullopt;
  mine.routes = Routes{std::move(*traffic), since, std::move(found)};
  schedule_.want(traffic_job(policy), now);
}

// One question for each right and namespace, however many policies it has; asked for as long as any of them is interested.
void Measurements::want_rights(const Key& policy, const std::vector<decide::Right>& rights, Millis now) {
  if (!rights.empty()) {
    auto& [policies, questions] = namespaces_[policy.ns];
    policies.insert(policy.name);
    for (const auto& right : rights) {
      const auto [entry, is_new] = questions.try_emplace(describe(right), Question{right, std::nullopt});
      if (is_new) schedule_.want(rights_job(policy.ns, entry->first), now);
    }
    return;
  }
  const auto at = namespaces_.find(policy.ns);
  if (at == namespaces_.end() || at->second.policies.erase(policy.name) == 0 || !at->second.policies.empty()) return;
  for (const auto& [right, question] : at->second.questions) schedule_.drop(rights_job(policy.ns, right));
  namespaces_.erase(at);
}

void Measurements::want_evidence(const Key& policy, Want& mine, const decide::EvidenceWant& evidence, Millis now) {
  if (mine.evidence && mine.evidence->rollback_uid == evidence.rollback_uid) return;
  if (mine.evidence) schedule_.drop({Job::What::Evidence, policy, mine.evidence->rollback_uid, ""});
  mine.evidence = Evidence{evidence.rollback_uid, evidence.pods, std::nullopt};
  schedule_.want({Job::What::Evidence, policy, evidence.rollback_uid, ""}, now);
}

std::optional<Task> Measurements::take(Lane lane, Millis now) {
  while (const auto job = schedule_.take(lane, now)) {
    if (auto task = task_of(*job, now)) return task;
    forget_evidence(*job);
  }
  return std::nullopt;
}

// Nothing for evidence that was fetched: then its time is over.
std::optional<Task> Measurements::task_of(const Job& job, Millis now) const {
  if (job.what == Job::What::Memory) return Task{job, now, Task::Memory{}};
  if (job.what == Job::What::Rights)
    return Task{job, now, Task::Rights{namespaces_.at(job.policy.ns).questions.at(job.about).right}};
  const auto& want = wants_.at(job.policy);
  if (job.what == Job::What::Evidence) {
    if (want.evidence->found) return std::nullopt;
    return Task{job, now, Task::Evidence{want.evidence->asked}};
  }
  if (job.what == Job::What::Traffic) return Task{job, now, Task::Traffic{want.routes->asked}};
  const auto& [http, period, pods] = *want.probe;
  const auto pod = std::find_if(pods.begin(), pods.end(), [&](const auto& each) { return each.pod_uid == job.about; });
  const auto check =
      std::find_if(http.checks.begin(), http.checks.end(), [&](const auto& each) { return each.name == job.check; });
  return Task{job, now, Task::Probe{http, *check, *pod}};
}

void Measurements::forget_evidence(const Job& job) {
  schedule_.finish(job, std::nullopt, Pace::Quick);
  auto& want = wants_.at(job.policy);
  want.evidence.reset();
  if (want.is_empty()) wants_.erase(job.policy);
}

std::set<Key> Measurements::put(const Task& task, const Result<std::vector<PodMemory>>& read, Pace pace) {
  schedule_.finish(task.job, task.began + kMemoryPeriod, pace);
  const auto at = nodes_.find(task.job.about);
  if (at == nodes_.end()) return {};  // nobody wants it any more
  auto& node = at->second;
  const auto problem = read ? std::nullopt : std::optional(read.error());
  const bool has_changed = std::exchange(node.problem, problem) != problem;
  std::unordered_set<std::string> fresh;
  for (const auto& seen : read ? *read : std::vector<PodMemory>{}) {
    if (samples_.add(seen)) fresh.insert(seen.pod_uid);
  }
  std::set<Key> touched;
  for (const auto& policy : node.wanted_by) {
    const auto& pods = wants_.at(policy).pods;
    const bool is_fresh = std::any_of(pods.begin(), pods.end(), [&](const auto& pod) { return fresh.contains(pod); });
    if (has_changed || is_fresh) touched.insert(policy);
  }
  return touched;
}

std::set<Key> Measurements::put(const Task& task, decide::ProbeResult result, Pace pace) {
  const auto want = wants_.find(task.job.policy);
  if (want == wants_.end() || !want->second.probes.contains(task.job)) {
    schedule_.finish(task.job, std::nullopt, pace);
    return {};
  }
  schedule_.finish(task.job, task.began + want->second.probe->period, pace);
  want->second.probes[task.job] = std::move(result);
  return {task.job.policy};
}

// While a run waits for it, each reading is news, for it is newer.
std::set<Key> Measurements::put(const Task& task, decide::Traffic traffic, Pace pace) {
  const auto want = wants_.find(task.job.policy);
  const auto& read = std::get<Task::Traffic>(task.what).asked;
  const auto is_enough = [&](const decide::TrafficWant& asked) {
    return asked.of == read.of && (read.with_autoscalers || !asked.with_autoscalers);
  };
  if (want == wants_.end() || !want->second.routes || !is_enough(want->second.routes->asked)) {
    schedule_.finish(task.job, task.began, pace);  // dropped, or of something else, which is read next
    return {};
  }
  auto& routes = *want->second.routes;
  schedule_.finish(task.job, task.began + routes.asked.period, pace);
  const bool is_news = !routes.found || !routes.found->says_the_same(traffic) || routes.asked.period < kQuietPeriod;
  routes.found = std::move(traffic);
  return is_news ? std::set<Key>{task.job.policy} : std::set<Key>{};
}

// An answer that does not come says nothing: what was known holds. While some are still open there is nothing to tell.
std::set<Key> Measurements::put(const Task& task, const Result<bool>& allowed, Pace pace) {
  const bool is_well = allowed ? *allowed : allowed.error().fault == base::Fault::Forbidden;  // may not even ask: no hurry
  schedule_.finish(task.job, task.began + (is_well ? kRightsPeriod : kMissingRightsPeriod), pace);
  std::set<Key> touched;
  const auto at = namespaces_.find(task.job.policy.ns);
  if (at == namespaces_.end() || !allowed) return touched;
  auto& [policies, questions] = at->second;
  const auto question = questions.find(task.job.about);
  if (question == questions.end()) return touched;
  const bool is_same = std::exchange(question->second.is_allowed, *allowed) == *allowed;
  const auto is_open = [](const auto& each) { return !each.second.is_allowed; };
  if (is_same || std::any_of(questions.begin(), questions.end(), is_open)) return touched;
  for (const auto& name : policies) touched.insert({task.job.policy.ns, name});
  return touched;
}

std::set<Key> Measurements::put(const Task& task, std::vector<api::PodEvidence> pods, Millis now) {
  schedule_.finish(task.job, now + kEvidenceKept, Pace::Quick);
  auto& evidence = wants_.at(task.job.policy).evidence;
  if (evidence->rollback_uid != task.job.about) return {};  // another is wanted by now
  evidence->found = std::move(pods);
  return {task.job.policy};
}

Readings Measurements::readings(const Key& policy, Millis now) const {
  Readings out;
  if (const auto ns = namespaces_.find(policy.ns); ns != namespaces_.end()) {
    for (const auto& [right, question] : ns->second.questions) {
      if (question.is_allowed) out.permissions.push_back({right, *question.is_allowed});
    }
  }
  const auto at = wants_.find(policy);
  if (at == wants_.end()) return out;
  const auto& want = at->second;
  for (const auto& pod : want.pods) samples_.collect(pod, out.memory);
  for (const auto& node : want.nodes) {
    if (!out.memory_problem) out.memory_problem = nodes_.at(node).problem;
  }
  for (const auto& [job, result] : want.probes) {
    if (result) out.probes.push_back(*result);
  }
  if (want.routes) {
    out.traffic = want.routes->found;
    out.traffic_wanted_for = now - want.routes->since;
  }
  if (want.evidence) {
    out.evidence_of = want.evidence->rollback_uid;
    out.evidence = want.evidence->found;
  }
  return out;
}

}  // namespace observe
