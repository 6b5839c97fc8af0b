#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "decide/judge_rules.hpp"
#include "decide/reasons.hpp"

namespace decide {
namespace {

constexpr Seconds kStale{60};
constexpr Seconds kFirstReading{45};  // a pod is ready this long before a missing reading means something

double measured(const MemorySample& sample, api::Measure measure) {
  return measure == api::Measure::RSS ? sample.rss_bytes : sample.working_set_bytes;
}

// Samples of a container from since its pod is ready, and only real numbers.
std::vector<MemorySample> usable(const ContainerMemory& seen, const api::Pod& pod, api::Measure measure) {
  std::vector<MemorySample> samples;
  for (const auto& sample : seen.samples) {
    const double value = measured(sample, measure);
    if (std::isfinite(value) && value >= 0 && pod.ready_changed && sample.taken >= *pod.ready_changed)
      samples.push_back(sample);
  }
  return samples;
}

struct Run {
  double latest = 0;
  Instant newest{};
  size_t above = 0;  // the newest samples in a row above the limit
  Instant above_since{};
};

Run read_run(const std::vector<MemorySample>& samples, const api::MemoryTrigger& rule) {
  Run run{measured(samples.back(), rule.measure), samples.back().taken, 0, {}};
  for (auto sample = samples.rbegin(); sample != samples.rend() && measured(*sample, rule.measure) > rule.above_bytes;
       ++sample) {
    ++run.above;
    run.above_since = sample->taken;
  }
  return run;
}

struct Worst {
  std::string where;
  Run run;
};

std::string text_of(double bytes) { return fmt::format("{:.1f}Mi", bytes / (1024.0 * 1024.0)); }

struct Survey {
  std::optional<Worst> worst;
  bool breached = false;
  bool stale = false;
  bool missing = false;
  std::optional<Instant> look_again;
};

void weigh(Survey& survey, const Worst& seen, const api::MemoryTrigger& rule, const Bench& bench) {
  if (bench.now - seen.run.newest > kStale) {
    survey.stale = true;
    return;
  }
  const bool lasted = seen.run.above >= 2 && seen.run.newest - seen.run.above_since >= rule.for_seconds;
  const bool breach = lasted || (bench.known_bad && seen.run.above >= 1);
  if (!survey.worst || (breach && !survey.breached) ||
      (breach == survey.breached && seen.run.latest > survey.worst->run.latest))
    survey.worst = seen;
  survey.breached = survey.breached || breach;
}

Survey survey_pods(const api::MemoryTrigger& rule, const Bench& bench) {
  Survey survey;
  for (const auto& pod : bench.current.pods) {
    if (!pod.ready || !alive(pod) || !pod.ready_changed) continue;
    size_t read = 0;
    for (const auto& seen : bench.world.memory) {
      if (seen.pod_uid != pod.meta.uid) continue;
      const auto samples = usable(seen, pod, rule.measure);
      if (samples.empty()) continue;
      ++read;
      weigh(survey, {pod.meta.name + "/" + seen.container, read_run(samples, rule)}, rule, bench);
    }
    const auto running = std::count_if(pod.containers.begin(), pod.containers.end(), [](const auto& container) {
      return container.ready && container.kind == api::ContainerKind::App;
    });
    if (read < std::max<size_t>(1, running) && bench.now - *pod.ready_changed > kFirstReading) survey.missing = true;
  }
  return survey;
}

}  // namespace

Finding judge_memory(const std::string& name, const api::MemoryTrigger& rule, const Bench& bench) {
  const Survey survey = survey_pods(rule, bench);
  const auto measure = api::to_text(rule.measure);
  if (survey.breached) {
    const auto& worst = *survey.worst;
    const bool known = bench.known_bad && worst.run.above < 2;
    return {name,
            api::Verdict::Breached,
            known ? reason::kKnownBad : reason::kMemoryAboveLimit,
            fmt::format("{} of {} is {}, above {} for {} s", measure, worst.where, text_of(worst.run.latest), rule.above_text,
                        std::chrono::duration_cast<Seconds>(worst.run.newest - worst.run.above_since).count()),
            text_of(worst.run.latest),
            worst.run.newest + kStale + Seconds{1}};
  }
  const bool lacking = survey.stale || !survey.worst || survey.missing;
  if (const auto& problem = bench.world.memory_problem) {
    const bool forbidden = problem->fault == base::Fault::Forbidden;
    // One call that is lost takes nothing from readings that are still fresh.
    if (forbidden || lacking)
      return {name, api::Verdict::Unknown, forbidden ? reason::kSourceForbidden : reason::kSourceUnavailable, problem->what, "",
              {}};
  }
  if (survey.stale)
    return {name,
            api::Verdict::Unknown,
            reason::kReadingsStale,
            fmt::format("the last {} reading is older than {} s", measure, kStale.count()),
            "",
            {}};
  if (lacking)
    return {name,
            api::Verdict::Unknown,
            reason::kNoReadings,
            fmt::format("no {} reading yet of every ready pod of the current revision", measure),
            "",
            {}};
  return {name,
          api::Verdict::Healthy,
          reason::kWithinLimit,
          fmt::format("{} of every container is within {}", measure, rule.above_text),
          text_of(survey.worst->run.latest),
          survey.worst->run.newest + kStale + Seconds{1}};
}

bool memory_alike(const api::MemoryTrigger& rule, const Bench& bench) {
  int pods = 0;
  int failing = 0;
  for (const auto& revision : bench.world.revisions) {
    if (revision.set.meta.uid == bench.current.set.meta.uid) continue;
    for (const auto& pod : revision.pods) {
      if (!alive(pod)) continue;
      ++pods;
      for (const auto& seen : bench.world.memory) {
        if (seen.pod_uid != pod.meta.uid) continue;
        const auto samples = usable(seen, pod, rule.measure);
        if (!samples.empty() && read_run(samples, rule).above >= 2) {
          ++failing;
          break;
        }
      }
    }
  }
  return pods > 0 && failing * 2 >= pods;
}

}  // namespace decide
