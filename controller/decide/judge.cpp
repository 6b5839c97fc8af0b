#include "decide/judge.hpp"

#include "decide/judge_rules.hpp"

namespace decide {
namespace {

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;

}  // namespace

Finding judge(const api::Trigger& trigger, const Bench& bench) {
  return std::visit(Overload{[&](const api::MemoryTrigger& rule) { return judge_memory(trigger.name, rule, bench); },
                             [&](const api::FailuresTrigger& rule) { return judge_failures(trigger.name, rule, bench); },
                             [&](const api::ProgressTrigger& rule) { return judge_progress(trigger.name, rule, bench); }},
                    trigger.rule);
}

std::vector<Finding> judge_all(const Bench& bench) {
  std::vector<Finding> all;
  for (const auto& trigger : bench.policy.spec.triggers) all.push_back(judge(trigger, bench));
  return all;
}

bool others_fail_alike(const api::Trigger& trigger, const Bench& bench) {
  return std::visit(Overload{[&](const api::MemoryTrigger& rule) { return memory_alike(rule, bench); },
                             [&](const api::FailuresTrigger& rule) { return failures_alike(rule, bench); },
                             [&](const api::ProgressTrigger&) { return progress_alike(bench); }},
                    trigger.rule);
}

}  // namespace decide
