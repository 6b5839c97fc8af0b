#include "decide/revision.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "decide/judge.hpp"
#include "decide/reasons.hpp"

namespace decide {
namespace {

constexpr size_t kMarksKept = 20;

// Rollbacks whose firing turned out not to be the revision's fault, with their predecessors.
std::set<std::string> pardoned(const Snapshot& world) {
  std::set<std::string> names;
  for (const auto& run : world.rollbacks) {
    const auto* failed = api::find(run.status.conditions, "Failed");
    if (failed && failed->status == api::Status::True && failed->reason == reason::kNotRevisionSpecific)
      names.insert(run.meta.name);
  }
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& run : world.rollbacks) {
      if (names.contains(run.meta.name) && !run.spec.previous.empty()) grew |= names.insert(run.spec.previous).second;
    }
  }
  return names;
}

const Revision* find_bad(const Snapshot& world, const api::Rollback& run) {
  const auto& uid = run.status.plan ? run.status.plan->from.uid : run.spec.from_uid;
  if (const auto* revision = find_revision(world, uid)) return revision;
  return world.peer ? find_revision(world.peer->revisions, uid) : nullptr;
}

std::string bad_fingerprint(const Snapshot& world, const api::Rollback& run) {
  if (const auto* revision = find_bad(world, run)) return revision->fingerprint;
  return run.status.plan && is_a_side(world, run.status.plan->target_uid) ? run.status.plan->from.fingerprint : "";
}

// The bad marks of a chain that was not to blame are taken back, but not those that a person or another run has made.
void pardon(const Snapshot& world, const std::set<std::string>& innocent, Marks& all) {
  for (const auto& run : world.rollbacks) {
    const auto found = all.find(bad_fingerprint(world, run));
    if (innocent.contains(run.meta.name) && found != all.end() && found->second.mark == api::Mark::Bad &&
        found->second.reason != reason::kByPerson)
      all.erase(found);
  }
}

void add_fired(const Snapshot& world, Marks& all) {
  const auto innocent = pardoned(world);
  pardon(world, innocent, all);
  for (const auto& run : world.rollbacks) {
    const std::string fingerprint = bad_fingerprint(world, run);
    if (run.by_hand() || fingerprint.empty() || innocent.contains(run.meta.name)) continue;
    if (!run.status.plan && world.policy && !has_trigger(*world.policy, run)) continue;
    const auto* revision = find_bad(world, run);
    const auto found = all.find(fingerprint);
    if (found != all.end() && found->second.mark == api::Mark::Bad) continue;
    all[fingerprint] = {fingerprint, api::Mark::Bad, run.spec.trigger_name,
                        revision ? revision->set.meta.name : run.status.plan->from.name, run.meta.created.value_or(Instant{})};
  }
}

void add_persons(const Snapshot& world, Marks& all) {
  for (const auto& revision : world.revisions) {
    if (revision.set.mark != "good" && revision.set.mark != "bad") continue;
    const auto mark = revision.set.mark == "good" ? api::Mark::Good : api::Mark::Bad;
    all[revision.fingerprint] = {revision.fingerprint, mark, reason::kByPerson, revision.set.meta.name,
                                 revision.set.meta.created.value_or(Instant{})};
  }
}

std::int64_t barrier(const Snapshot& world, std::int64_t upto) {
  std::int64_t highest = 0;
  for (const auto& revision : world.revisions) {
    if (revision.set.revision <= upto && revision.set.pod_template.annotations.contains(api::kNoWayBackAnnotation))
      highest = std::max(highest, revision.set.revision);
  }
  return highest;
}

constexpr int kDefaultDeadline = 600;  // progressDeadlineSeconds of a Deployment that names none

// A reign this long would have ended with a bad release noticed.
Seconds settle_time(const Snapshot& world) {
  const api::Deployment target = world.target.value_or(api::Deployment{});
  const int deadline =
      target.progress_deadline_seconds == kNoProgressDeadline ? kDefaultDeadline : target.progress_deadline_seconds;
  return world.policy->spec.soak + Seconds{deadline};
}

// How long `older` was the current one, by the creation of the next release. Unknown times give no reign.
bool reigned(const Revision& older, const Revision* next, Seconds wanted) {
  if (!next || !older.set.meta.created || !next->set.meta.created) return false;
  return *next->set.meta.created - *older.set.meta.created >= wanted;
}

std::optional<Candidate> assume(const Snapshot& world, const std::vector<const Revision*>& allowed) {
  for (const auto* revision : allowed) {
    if (revision->seen_ready) return Candidate{revision, api::Choice::Assumed};
  }
  if (!world.policy) return std::nullopt;
  for (const auto* revision : allowed) {
    const Revision* next = nullptr;
    for (const auto& other : world.revisions) {
      if (other.set.revision > revision->set.revision && (!next || other.set.revision < next->set.revision)) next = &other;
    }
    if (reigned(*revision, next, settle_time(world))) return Candidate{revision, api::Choice::Assumed};
  }
  return std::nullopt;
}

}  // namespace

const Revision* current(const api::Deployment& target, const std::vector<Revision>& revisions) {
  if (target.observed_generation < target.meta.generation || revisions.empty()) return nullptr;
  const Revision& newest = revisions.front();
  return newest.set.pod_template.exact == target.pod_template.exact ? &newest : nullptr;
}

const Revision* current(const Snapshot& world) { return world.target ? current(*world.target, world.revisions) : nullptr; }

bool is_a_side(const Snapshot& world, const std::string& target_uid) {
  return (world.target && world.target->meta.uid == target_uid) || (world.peer && world.peer->target.meta.uid == target_uid);
}

bool alive(const api::Pod& pod) { return !pod.meta.deleted && pod.phase != "Failed" && pod.phase != "Succeeded"; }

const Revision* find_revision(const std::vector<Revision>& revisions, const std::string& uid) {
  const auto found =
      std::find_if(revisions.begin(), revisions.end(), [&](const Revision& each) { return each.set.meta.uid == uid; });
  return found == revisions.end() ? nullptr : &*found;
}

const Revision* find_revision(const Snapshot& world, const std::string& uid) { return find_revision(world.revisions, uid); }

api::RevisionRef ref(const Revision& revision) {
  return {revision.set.meta.uid, revision.set.meta.name, revision.set.revision, revision.fingerprint};
}

std::string describe(const api::RevisionRef& revision) {
  return fmt::format("{} (revision {})", revision.name, revision.number);
}

bool has_trigger(const api::RollbackPolicy& policy, const api::Rollback& run) {
  const auto& triggers = policy.spec.triggers;
  return run.by_hand() || !policy.spec_error.empty() || std::any_of(triggers.begin(), triggers.end(), [&](const auto& trigger) {
           return trigger.name == run.spec.trigger_name;
         });
}

Marks marks(const Snapshot& world) {
  Marks all;
  if (world.policy) {
    for (const auto& entry : world.policy->status.marks) all[entry.fingerprint] = entry;
  }
  add_fired(world, all);
  add_persons(world, all);
  return all;
}

bool is_marked(const Marks& all, const std::string& fingerprint, api::Mark mark) {
  const auto found = all.find(fingerprint);
  return found != all.end() && found->second.mark == mark;
}

bool is_good(const Marks& all, const std::string& fingerprint) {
  return is_marked(all, fingerprint, api::Mark::Good) && all.at(fingerprint).reason != kFailedSince;
}

std::vector<api::MarkEntry> kept(const Marks& all) {
  std::vector<api::MarkEntry> entries;
  for (const auto& [fingerprint, entry] : all) entries.push_back(entry);
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.time > b.time; });
  if (entries.size() > kMarksKept) entries.resize(kMarksKept);
  return entries;
}

bool may_go_to(const Snapshot& world, const Revision& there, const Revision& bad, const Marks& all) {
  return there.fingerprint != bad.fingerprint && !there.set.meta.deleted &&
         there.set.revision >= barrier(world, bad.set.revision) && !is_marked(all, there.fingerprint, api::Mark::Bad);
}

// A person sent it back, and it was not shipped again since.
bool sent_back_by_hand(const Snapshot& world, const Revision& revision) {
  return std::any_of(world.rollbacks.begin(), world.rollbacks.end(), [&](const api::Rollback& run) {
    return run.by_hand() && run.status.reverts > 0 && run.status.plan && run.status.plan->from.uid == revision.set.meta.uid &&
           revision.set.revision <= run.status.plan->from.number;
  });
}

// What is being prepared there for the next release is no way back, so it is assumed good only if it is older.
std::optional<Candidate> on_other_side(const Snapshot& world, const Revision& bad, const Marks& all) {
  const Revision* there = world.service && world.peer ? current(world.peer->target, world.peer->revisions) : nullptr;
  if (!there || there->fingerprint == bad.fingerprint || is_marked(all, there->fingerprint, api::Mark::Bad) ||
      bad.set.pod_template.annotations.contains(api::kNoWayBackAnnotation))
    return std::nullopt;
  if (is_good(all, there->fingerprint)) return Candidate{there, api::Choice::Good};
  const auto& created = there->set.meta.created;
  if (created && bad.set.meta.created && *created <= *bad.set.meta.created) return Candidate{there, api::Choice::Assumed};
  return std::nullopt;
}

std::optional<Candidate> choose(const Snapshot& world, const Revision& bad, const Marks& all) {
  if (const auto there = on_other_side(world, bad, all)) return there;
  return choose_in_place(world, bad, all);
}

std::optional<Candidate> choose_in_place(const Snapshot& world, const Revision& bad, const Marks& all) {
  std::vector<const Revision*> allowed;
  for (const auto& revision : world.revisions) {
    const bool older = revision.set.revision > 0 && revision.set.revision < bad.set.revision;
    if (older && may_go_to(world, revision, bad, all) && !sent_back_by_hand(world, revision)) allowed.push_back(&revision);
  }
  for (const auto* revision : allowed) {
    if (is_good(all, revision->fingerprint)) return Candidate{revision, api::Choice::Good};
  }
  return assume(world, allowed);
}

std::string why_no_way_back(const Snapshot& world, const Revision& bad) {
  const Revision* wall = nullptr;
  bool has_older = false;
  const auto highest = barrier(world, bad.set.revision);
  for (const auto& revision : world.revisions) {
    has_older = has_older || (revision.set.revision > 0 && revision.set.revision < bad.set.revision);
    const bool is_wall = revision.set.revision == highest;
    if (is_wall && revision.set.pod_template.annotations.contains(api::kNoWayBackAnnotation)) wall = &revision;
  }
  if (wall && wall == &bad)
    return fmt::format("this release says that there is no way back ({}); ship a fix",
                       bad.set.pod_template.annotations.at(api::kNoWayBackAnnotation));
  if (!has_older) return "no older ReplicaSet of the Deployment exists (revisionHistoryLimit?); ship a fix";
  return fmt::format("no older one is good{}; ship a fix, or mark one with {}=good",
                     wall ? fmt::format(" on this side of {}, which says that there is no way back ({})", describe(ref(*wall)),
                                        wall->set.pod_template.annotations.at(api::kNoWayBackAnnotation))
                          : "",
                     api::kMarkAnnotation);
}

}  // namespace decide
