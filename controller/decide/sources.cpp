#include "decide/sources.hpp"

#include <algorithm>
#include <string_view>

#include "decide/reasons.hpp"

namespace decide {
namespace {

using api::Status;

// The readings that are there suffice, although the source has a problem now.
bool is_judged(const api::PolicyStatus& next, const std::string& trigger) {
  return std::any_of(next.triggers.begin(), next.triggers.end(),
                     [&](const auto& entry) { return entry.name == trigger && entry.verdict != api::Verdict::Unknown; });
}

// Up to the details: which node, and what about it. Details that vary from call to call are no news.
std::string_view gist(std::string_view message) { return message.substr(0, message.find(": ")); }

}  // namespace

api::Condition sources(const Snapshot& world, const api::PolicyStatus& next) {
  const auto& triggers = world.policy->spec.triggers;
  const auto memory = std::find_if(triggers.begin(), triggers.end(), [](const auto& trigger) {
    return std::holds_alternative<api::MemoryTrigger>(trigger.rule);
  });
  const auto say = [](Status status, const char* why, std::string message) {
    return api::Condition{"SourcesAvailable", status, why, std::move(message), 0, {}};
  };
  if (memory == triggers.end()) return say(Status::True, reason::kNotNeeded, "the triggers need only the API server");
  const auto& problem = world.memory_problem;
  const bool forbidden = problem && problem->fault == base::Fault::Forbidden;
  if (!problem || (!forbidden && is_judged(next, memory->name)))
    return say(Status::True, reason::kSourcesReadable, "memory: the kubelets answer");
  const char* why = forbidden ? reason::kSourceForbidden : reason::kSourceUnavailable;
  const auto* told = api::find(next.conditions, "SourcesAvailable");
  const bool is_news = !told || told->reason != why || gist(told->message) != gist(problem->what);
  return say(Status::False, why, is_news ? problem->what : told->message);
}

}  // namespace decide
