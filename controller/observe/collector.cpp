#include "observe/collector.hpp"

#include <algorithm>

#include "observe/probe.hpp"
#include "observe/rights.hpp"
#include "observe/routes.hpp"

namespace observe {
namespace {

constexpr int kSamplers = 4;
constexpr base::Millis kSlow{1000};
constexpr base::Millis kLongestWait{60'000};  // a bell ends it, or the next job: only a bound

}  // namespace

Collector::Collector(Sources sources, const base::Clock& clock, EvidenceLines lines, OnTouched on_touched)
    : sources_(sources), clock_(clock), lines_(lines), on_touched_(std::move(on_touched)) {}

Collector::~Collector() {
  for (auto& thread : threads_) thread.request_stop();
}

void Collector::start() {
  for (int i = 0; i < kSamplers; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { work(Lane::Sampling, stop); });
  threads_.emplace_back([this](const std::stop_token& stop) { work(Lane::Evidence, stop); });
}

void Collector::work(Lane lane, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto heard = bell_.rung();
    const auto task = measurements_.with([&](Measurements& all) { return all.take(lane, clock_.boot()); });
    if (task) {
      perform(*task, stop);
    } else {
      bell_.wait(heard, stop, std::min(kLongestWait, until_next(lane).value_or(kLongestWait)));
    }
  }
}

std::optional<base::Millis> Collector::until_next(Lane lane) const {
  const auto due = measurements_.with([&](const Measurements& all) { return all.next(lane); });
  if (!due) return std::nullopt;
  return std::max(base::Millis{0}, *due - clock_.boot());
}

std::optional<base::Millis> Collector::run_due() {
  std::optional<base::Millis> until;
  for (const Lane lane : {Lane::Evidence, Lane::Sampling}) {
    while (const auto task = measurements_.with([&](Measurements& all) { return all.take(lane, clock_.boot()); }))
      perform(*task, {});
    const auto next = until_next(lane);
    if (next && (!until || *next < *until)) until = next;
  }
  return until;
}

void Collector::perform(const Task& task, const std::stop_token& stop) {
  const auto touched = measure(task, stop);
  if (stop.stop_requested()) return;  // what broke off says nothing, and nobody is left to hear it
  bell_.ring();                       // a place may be free now, and the job is due again
  for (const auto& policy : touched) on_touched_(policy);
}

std::set<api::Key> Collector::measure(const Task& task, const std::stop_token& stop) {
  const auto put = [&](auto&&... result) {
    return measurements_.with([&](Measurements& all) { return all.put(task, std::forward<decltype(result)>(result)...); });
  };
  if (const auto* probing = std::get_if<Task::Probe>(&task.what)) {
    auto result = probe(sources_.http, probing->http, probing->check, probing->pod, clock_, stop);
    const Pace pace = pace_of(task, result.outcome != decide::Probed::Unreachable);
    return put(std::move(result), pace);
  }
  if (const auto* evidence = std::get_if<Task::Evidence>(&task.what)) {
    auto pods = fetch_evidence(sources_.api, task.job.policy.ns, evidence->pods, lines_);
    return put(std::move(pods), clock_.boot());
  }
  if (const auto* traffic = std::get_if<Task::Traffic>(&task.what)) {
    auto read = read_traffic(sources_.api, task.job.policy.ns, traffic->asked, clock_.now());
    return put(std::move(read), pace_of(task, true));
  }
  if (const auto* rights = std::get_if<Task::Rights>(&task.what)) {
    const auto allowed = is_allowed(sources_.api, task.job.policy.ns, rights->right);
    return put(allowed, pace_of(task, true));
  }
  const auto read = sources_.memory.read(task.job.about, stop);
  return put(read, pace_of(task, read.has_value() || read.error().fault != base::Fault::Unavailable));
}

Pace Collector::pace_of(const Task& task, bool was_answered) const {
  return was_answered && clock_.boot() - task.began < kSlow ? Pace::Quick : Pace::Slow;
}

void Collector::want(const api::Key& policy, decide::Wants wants, const std::vector<std::string>& memory_pods) {
  const bool is_due_sooner = measurements_.with([&](Measurements& all) {
    const auto due = [&] { return std::pair(all.next(Lane::Sampling), all.next(Lane::Evidence)); };
    const auto before = due();
    all.want(policy, std::move(wants), memory_pods, clock_.boot());
    return due() != before;
  });
  if (is_due_sooner) bell_.ring();
}

Readings Collector::readings(const api::Key& policy) const {
  return measurements_.with([&](const Measurements& all) { return all.readings(policy, clock_.boot()); });
}

}  // namespace observe
