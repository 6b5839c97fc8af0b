#include "record/recorder.hpp"

#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/codec.hpp"
#include "base/log.hpp"
#include "decide/story.hpp"
#include "record/event.hpp"
#include "record/writes.hpp"

namespace record {
namespace {

using base::Error;
using base::Fault;

// One settling: what was changed, and the first error.
struct Settling {
  wire::Api& api;
  Metrics& metrics;
  const std::string& instance;
  const base::Instant now;
  const decide::Snapshot& world;
  std::vector<std::string> events;  // reasons of those that are new
  bool status = false;              // the policy's was written
  std::vector<std::string> runs;    // whose status was written
  std::vector<std::string> pruned;
  std::optional<Error> error;

  void failed(const Error& with) {
    if (!error) error = with;
  }
};

std::vector<Subject> subjects(const decide::Snapshot& world) {
  std::vector<Subject> out;
  if (world.policy) out.push_back({wire::kPolicies, world.key.ns, world.policy->meta.name, world.policy->meta.uid});
  const auto add = [&](const api::Deployment& side) {
    out.push_back({wire::kDeployments, world.key.ns, side.meta.name, side.meta.uid});
  };
  if (world.target) add(*world.target);
  if (world.peer) add(world.peer->target);
  return out;
}

// An Event that is refused for good must not keep the rest from being told; one that may still get through is waited for.
bool is_for_good(Fault fault) {
  switch (fault) {
    case Fault::NotFound:
    case Fault::Invalid:
    case Fault::Forbidden:
      return true;
    case Fault::Conflict:
    case Fault::Expired:
    case Fault::Throttled:
    case Fault::Unavailable:
      return false;
  }
  return false;
}

void say(Settling& settling, const std::vector<decide::Event>& events) {
  const auto about = subjects(settling.world);
  for (const auto& event : events) {
    for (std::size_t i = 0; i < about.size(); ++i) {
      const Subject* related = about.size() > 1 ? &about[i == 0 ? 1 : 0] : nullptr;
      const auto made = create_event(settling.api, event_object(event, about[i], related, settling.instance, settling.now));
      if (made) {
        if (*made == Wrote::Something && i == 0) settling.events.push_back(event.reason);
      } else if (is_for_good(made.error().fault)) {
        settling.metrics.policies().lost_event();
        base::log::warn("event refused", {{"policy", settling.world.key.ns + "/" + settling.world.key.name},
                                          {"reason", event.reason},
                                          {"error", made.error().what}});
      } else {
        return settling.failed(made.error());
      }
    }
  }
}

using AfterError = api::RollbackStatus (*)(const api::RollbackStatus&, const Error&, base::Instant);

// The run's status was perhaps written since it was seen, so it is read again.
Result<void> tell_run(Settling& settling, const decide::OnBadTarget& step, const Error& act_error, AfterError after) {
  const wire::Ref ref{wire::kRollbacks, step.target.ns, step.rollback_name, "", {}};
  const auto text = settling.api.get(ref);
  if (!text) return tl::unexpected(text.error());
  const auto run = api::parse_rollback(*text);
  if (!run) return tl::unexpected(run.error());
  if (run->meta.uid != step.rollback_uid)
    return base::fail(Fault::Conflict, fmt::format("Rollback {} is another one now", ref.name));
  const auto next = after(run->status, act_error, settling.now);
  if (next == run->status) return {};
  say(settling, decide::run_events({*run, next}));
  if (settling.error) return {};
  const auto wrote = write_status(settling.api, wire::kRollbacks, run->meta, api::to_json(run->status), api::to_json(next));
  if (!wrote) return tl::unexpected(wrote.error());
  if (*wrote == Wrote::Something) settling.runs.push_back(ref.name);
  return {};
}

// An error of the act, told where it belongs.
struct TellError {
  Settling& settling;
  const Error& error;

  template <class Moving>  // MoveTraffic, ScalePeer, TurnService
  Result<void> operator()(const Moving& step) const {
    return tell_run(settling, step, error, decide::after_traffic_error);
  }
  Result<void> operator()(const decide::RaiseMinimum& step) const {
    return tell_run(settling, step, error, decide::after_raise_error);
  }
  Result<void> operator()(const decide::RevertTemplate& step) const {
    return tell_run(settling, step, error, decide::after_error);
  }
  Result<void> operator()(const decide::GiveBackOwnership& step) const { return tell_refusal(step, decide::handback_refused); }
  Result<void> operator()(const decide::RestoreMinimum& step) const { return tell_refusal(step, decide::return_refused); }

  Result<void> tell_refusal(const decide::GiveBack& step, decide::Event (*event)(const decide::GiveBack&, const Error&)) const {
    if (!base::is_old_view(error.fault)) say(settling, {event(step, error)});
    return {};
  }
};

void write_policy(Settling& settling, const api::PolicyStatus& status) {
  const auto& policy = *settling.world.policy;
  if (status == policy.status) return;  // what a pass comes to as a rule: not worth two JSON texts
  const auto wrote =
      write_status(settling.api, wire::kPolicies, policy.meta, api::to_json(policy.status), api::to_json(status));
  if (!wrote) return settling.failed(wrote.error());
  settling.status = *wrote == Wrote::Something;
}

void prune(Settling& settling, const std::vector<api::Rollback>& runs) {
  for (const auto& run : runs) {
    const auto removed = remove_rollback(settling.api, run);
    if (!removed) return settling.failed(removed.error());
    if (*removed == Wrote::Something) settling.pruned.push_back(run.meta.name);
  }
}

std::string names_of(const std::vector<decide::Step>& plan) {
  struct Name {
    std::string operator()(const decide::MoveTraffic& step) const { return "MoveTraffic of " + api::describe(step.route); }
    std::string operator()(const decide::ScalePeer& step) const {
      return fmt::format("ScalePeer {} to {}", step.peer_name, step.replicas);
    }
    std::string operator()(const decide::RaiseMinimum& step) const {
      return fmt::format("RaiseMinimum {} to {}", step.autoscaler_name, step.to);
    }
    std::string operator()(const decide::TurnService& step) const {
      return fmt::format("TurnService {} to {}={}", step.service_name, step.key, step.to);
    }
    std::string operator()(const decide::RevertTemplate& step) const {
      return fmt::format("RevertTemplate to {}", step.to_name);
    }
    std::string operator()(const decide::GiveBackOwnership&) const { return "GiveBackOwnership"; }
    std::string operator()(const decide::RestoreMinimum& step) const {
      return fmt::format("RestoreMinimum {} to {}", step.object.name, step.to);
    }
  };
  std::vector<std::string> names;
  for (const auto& step : plan) names.push_back(std::visit(Name{}, step));
  return fmt::format("{}", fmt::join(names, ", "));
}

void log(const Settling& settling, const decide::Decision& decision, const decide::StepError* failed) {
  std::set<std::string> runs(settling.runs.begin(), settling.runs.end());
  for (const auto& update : decision.runs) {
    if (update.next != update.run.status) runs.insert(update.run.meta.name);
  }
  const bool acted = !decision.plan.empty() && !failed;
  if (!decision.create && runs.empty() && !acted && settling.events.empty() && !settling.status && settling.pruned.empty())
    return;
  const auto& key = settling.world.key;
  base::log::info("pass wrote", {{"policy", key.ns + "/" + key.name},
                                 {"pass", base::to_rfc3339_micro(settling.now)},
                                 {"created", decision.create ? decision.create->name : ""},
                                 {"acted", acted ? names_of(decision.plan) : ""},
                                 {"runs", fmt::format("{}", fmt::join(runs, ", "))},
                                 {"events", fmt::format("{}", fmt::join(settling.events, ", "))},
                                 {"status", settling.status ? "written" : ""},
                                 {"pruned", fmt::format("{}", fmt::join(settling.pruned, ", "))},
                                 {"error", failed           ? failed->error.what
                                           : settling.error ? settling.error->what
                                                            : ""}});
}

}  // namespace

Result<void> Recorder::intend(const decide::Snapshot& world, const decide::Decision& decision) {
  if (!world.policy) {  // no status will remember what was said: so it is said before the write that makes it old
    Settling first{api_, metrics_, instance_, clock_.now(), world, {}, false, {}, {}, std::nullopt};
    say(first, decision.events);
    if (first.error) return tl::unexpected(*first.error);
  }
  if (decision.create) {
    if (auto created = create_rollback(api_, world.key, *decision.create); !created) return created;
  }
  for (const auto& update : decision.runs) {
    const auto& run = update.run;
    const auto wrote = write_status(api_, wire::kRollbacks, run.meta, api::to_json(run.status), api::to_json(update.next));
    if (!wrote) return tl::unexpected(wrote.error());
    metrics_.policies().moved(run, update.next, world.policy);
  }
  return {};
}

void Recorder::refused(const decide::Snapshot& world, const decide::Decision& decision, const Error& error) {
  if (base::is_old_view(error.fault) || !world.policy || !decision.status) return;
  Settling settling{api_, metrics_, instance_, clock_.now(), world, {}, false, {}, {}, std::nullopt};
  const auto told = decide::refused(world, *decision.status, error, settling.now);
  say(settling, told.events);
  if (!settling.error) write_policy(settling, told.status);
  if (settling.status)
    base::log::error("intent refused", {{"policy", world.key.ns + "/" + world.key.name}, {"error", error.what}});
}

Result<void> Recorder::settle(const decide::Snapshot& world, const decide::Decision& decision, const decide::StepError* failed,
                              const std::vector<decide::StepError>& left) {
  metrics_.policies().show(world.key, decision.findings);
  Settling settling{api_, metrics_, instance_, clock_.now(), world, {}, false, {}, {}, std::nullopt};
  if (world.policy) say(settling, decision.events);
  const auto tell = [&](const decide::StepError& of) {
    const auto told = std::visit(TellError{settling, of.error}, decision.plan.at(of.step));
    if (!told) settling.failed(told.error());
  };
  if (failed) tell(*failed);
  for (const auto& each : left) tell(each);
  if (!settling.error && world.policy && decision.status) write_policy(settling, *decision.status);
  if (!settling.error) prune(settling, decision.prune);
  log(settling, decision, failed ? failed : left.empty() ? nullptr : &left.front());
  if (failed) return tl::unexpected(failed->error);
  if (settling.error) return tl::unexpected(*settling.error);
  return {};
}

}  // namespace record
