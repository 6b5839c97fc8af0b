#include <algorithm>

#include <fmt/format.h>

#include "decide/judge.hpp"
#include "decide/reasons.hpp"
#include "decide/run_parts.hpp"

namespace decide {
namespace {

using api::Status;

constexpr Seconds kAskAgain{600};  // older than this before its first write: is the trigger still breached?

// Another unfinished run on the same target came first.
const api::Rollback* ahead(const Draft& draft) {
  const auto order = [](const api::Rollback& run) { return std::pair(run.meta.created.value_or(Instant{}), run.meta.name); };
  for (const auto& other : draft.course.world.rollbacks) {
    if (other.meta.uid != draft.run.meta.uid && !other.finished() &&
        (other.status.plan || other.plan_unknown || order(other) < order(draft.run)))
      return &other;
  }
  return nullptr;
}

// The revision to roll back from, if it still is what the target runs.
const Revision* from(Draft& draft) {
  const auto* current = draft.course.current;
  if (!current) return nullptr;  // the view is behind: the next event wakes us
  const auto& spec = draft.run.spec;
  const bool named = !spec.from_uid.empty();
  const bool same =
      named ? current->set.meta.uid == spec.from_uid && (spec.from_number == 0 || current->set.revision == spec.from_number)
            : !draft.course.tracked || !draft.course.tracked->current_since || !draft.run.meta.created ||
                  *draft.course.tracked->current_since <= *draft.run.meta.created + Seconds{1};
  if (!same) {
    draft.failed(reason::kSuperseded, fmt::format("{} runs now; nothing was written", describe(ref(*current))));
    return nullptr;
  }
  return current;
}

std::optional<Candidate> to(Draft& draft, const Revision& bad) {
  const auto& uid = draft.run.spec.to_uid;
  const auto there = choose(draft.course.world, bad, draft.course.marks);
  if (uid.empty()) return there;
  if (there && there->revision->set.meta.uid == uid) return Candidate{there->revision, api::Choice::Asked};
  const auto* asked = find_revision(draft.course.world, uid);
  if (!asked || !may_go_to(draft.course.world, *asked, bad, draft.course.marks)) return std::nullopt;
  return Candidate{asked, api::Choice::Asked};
}

std::string why_nowhere(const Draft& draft, const Revision& bad) {
  const auto& world = draft.course.world;
  const auto& uid = draft.run.spec.to_uid;
  if (uid.empty()) return "there is no revision to go back to: " + why_no_way_back(world, bad);
  const auto* asked = find_revision(world, uid);
  if (!asked || asked->set.meta.deleted)
    return fmt::format("the target owns no ReplicaSet with the uid {}, which spec.to asks for", uid);
  const std::string name = describe(ref(*asked));
  if (asked->fingerprint == bad.fingerprint) return fmt::format("{}, which spec.to asks for, is the release that runs", name);
  if (is_marked(draft.course.marks, asked->fingerprint, api::Mark::Bad))
    return fmt::format("{}, which spec.to asks for, is marked bad; a person may lift that with {}=good", name,
                       api::kMarkAnnotation);
  return fmt::format("{}, which spec.to asks for, lies behind a release that says there is no way back", name);
}

// By its own trigger or by another one: it is this shipping that is bad.
bool still_breached(const Draft& draft) {
  const auto& findings = draft.course.findings;
  return std::any_of(findings.begin(), findings.end(),
                     [](const auto& finding) { return finding.verdict == api::Verdict::Breached; });
}

bool approved_by_a_person(const api::Rollback& run) {
  const auto& all = run.spec.decisions;
  return std::any_of(all.begin(), all.end(),
                     [](const auto& decision) { return decision.state == api::DecisionState::Approved; });
}

// Obstacles that can heal: the run stays open and says why.
bool must_wait(Draft& draft) {
  const auto& world = draft.course.world;
  const auto wait = [&](const char* why, std::string message) {
    draft.condition("Reverted", Status::Unknown, why, std::move(message));
    return true;
  };
  if (const auto* other = ahead(draft)) {
    draft.condition("Approved", Status::Unknown, reason::kRollbackInProgress,
                    fmt::format("waits for {} on the same target", other->meta.name));
    return true;
  }
  if (!world.policy->spec_error.empty())
    return wait(reason::kInvalidSpec, "the policy gives no settings to go by: " + world.policy->spec_error);
  const bool moves_traffic = world.policy->spec.canary || world.policy->spec.blue_green;  // that waits for nothing
  return (!moves_traffic && revert_waits(draft)) || outlived_its_breach(draft);
}

Seconds restored_deadline(const api::PolicySpec& spec, const api::Deployment& target) {
  api::ProgressTrigger rule;
  for (const auto& trigger : spec.triggers) {
    if (const auto* progress = std::get_if<api::ProgressTrigger>(&trigger.rule)) rule = *progress;
  }
  return progress_deadline(rule, target) + Seconds{target.min_ready_seconds};
}

bool is_on_other_side(const Snapshot& world, const Revision& revision) {
  return world.peer && find_revision(world.peer->revisions, revision.set.meta.uid) == &revision;
}

api::Plan make_plan(const Draft& draft, const Revision& bad, const std::optional<Candidate>& good) {
  const auto& world = draft.course.world;
  const auto& spec = world.policy->spec;
  api::Plan plan;
  plan.target_name = world.target->meta.name;
  plan.target_uid = world.target->meta.uid;
  plan.from = ref(bad);
  plan.chosen = good ? good->chosen : api::Choice::None;
  plan.settings = {spec.verification_timeout,
                   spec.http,
                   spec.stabilization,
                   spec.stabilization_period,
                   spec.max_depth,
                   spec.ignore_template_keys,
                   restored_deadline(spec, *world.target),
                   spec.canary};
  plan.resolved = draft.course.now;
  if (spec.canary) plan.version = api::kPlanVersionTraffic;
  if (!good) return plan;
  plan.to = ref(*good->revision);
  if (is_on_other_side(world, *good->revision)) {
    plan.version = api::kPlanVersionTraffic;
    const auto back = spec.blue_green->reverts ? choose_in_place(world, bad, draft.course.marks) : std::nullopt;
    if (back) plan.back = ref(*back->revision);
    plan.settings.blue_green = *spec.blue_green;
    plan.settings.blue_green->side = world.target->meta.name;
    plan.settings.blue_green->peer = world.peer->target.meta.name;
  }
  if (is_good(draft.course.marks, good->revision->fingerprint)) {
    for (const auto& trigger : spec.triggers) plan.healthy_triggers.push_back(trigger.name);
  }
  return plan;
}

}  // namespace

bool revert_waits(Draft& draft) {
  const auto& world = draft.course.world;
  const auto status = draft.out.next.plan ? Status::False : Status::Unknown;
  if (world.target->paused) {
    draft.condition("Reverted", status, reason::kTargetPaused,
                    "the Deployment is paused: a new template would not roll out; resume it to go on");
    return true;
  }
  const auto& plan = draft.out.next.plan;
  const bool has_its_place = plan && !plan->settings.canary && !plan->settings.blue_green;  // since the plan was made
  if (has_its_place || draft.out.next.reverts > 0 || world.reverting_elsewhere < world.max_reverting) return false;
  draft.look_at(draft.course.now + Seconds{5});
  draft.condition(
      "Reverted", status, reason::kCapReached,
      fmt::format("{} other reverts run, the operator's cap is {}", world.reverting_elsewhere, world.max_reverting));
  return true;
}

bool outlived_its_breach(Draft& draft) {
  const bool old = draft.run.meta.created && draft.course.now - *draft.run.meta.created > kAskAgain;
  if (!old || draft.run.by_hand() || approved_by_a_person(draft.run) || !draft.course.world.policy || still_breached(draft))
    return false;
  draft.condition("Reverted", Status::Unknown, reason::kTriggerNotBreached,
                  "the run waited for more than 600 s and no trigger is breached now");
  return true;
}

void draft_plan(Draft& draft) {
  const auto* bad = from(draft);
  if (!bad) return;
  if (!has_trigger(*draft.course.world.policy, draft.run)) {
    draft.failed(reason::kGaveUp, fmt::format("the policy has no trigger {}; leave spec.triggerName out to roll back by hand; "
                                              "nothing was written",
                                              draft.run.spec.trigger_name));
    return;
  }
  if (held(draft) || must_wait(draft)) return;
  const auto good = to(draft, *bad);
  const bool takes_weight_away = draft.course.world.policy->spec.canary && draft.run.spec.to_uid.empty();
  if (!good && !takes_weight_away) {
    draft.failed(reason::kGaveUp, why_nowhere(draft, *bad) + "; nothing was written");
    return;
  }
  draft.out.next.plan = make_plan(draft, *bad, good);
  draft.out.next.checklist = checklist(draft.course, draft.run);
  draft.step(
      api::kStepPreflight, api::StepState::Done,
      good ? fmt::format("from {} to {}, {}", describe(ref(*bad)), describe(ref(*good->revision)), api::to_text(good->chosen))
           : fmt::format("from {}; {}", describe(ref(*bad)), why_nowhere(draft, *bad)));
  draft.step(api::kStepEvidence, api::StepState::Running);
  draft.condition("Reverted", Status::False, reason::kPending, "the plan is made");
  draft.out.wants.evidence = EvidenceWant{draft.run.meta.uid, evidence_pods(draft.course, bad->set.meta.uid)};
  draft.look_at(draft.course.now + Seconds{3});
}

}  // namespace decide
