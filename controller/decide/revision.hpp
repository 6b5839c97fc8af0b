// Which revision is which: the one that runs, the ones that are good or bad, and the one to go back to (design: identity is the
// uid, the release is the fingerprint, numbers only order).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "decide/snapshot.hpp"

namespace decide {

// The owned ReplicaSet whose template equals the target's, once its number is the target's highest and the Deployment
// controller has seen the target's generation; nullptr while the view is behind: then nothing fires.
[[nodiscard]] const Revision* current(const Snapshot& world);
[[nodiscard]] const Revision* current(const api::Deployment& target, const std::vector<Revision>& revisions);
// The target, or the other side of a blue-green pair.
[[nodiscard]] bool is_a_side(const Snapshot& world, const std::string& target_uid);
// Neither on its way out nor ended: what is left of an evicted pod is no pod of the revision any more.
[[nodiscard]] bool alive(const api::Pod& pod);
[[nodiscard]] const Revision* find_revision(const Snapshot& world, const std::string& uid);  // of the target
[[nodiscard]] const Revision* find_revision(const std::vector<Revision>& revisions, const std::string& uid);
[[nodiscard]] api::RevisionRef ref(const Revision& revision);
// "web-5c4 (revision 3)"
[[nodiscard]] std::string describe(const api::RevisionRef& revision);

using Marks = std::map<std::string, api::MarkEntry>;  // by fingerprint

// Whether its trigger is one of the policy's; true of a run by hand, which has none.
[[nodiscard]] bool has_trigger(const api::RollbackPolicy& policy, const api::Rollback& run);

// What is remembered, what the target's automatic Rollbacks say (from = bad, unless it was not the revision's fault), and what
// a person wrote on a revision, which beats both.
[[nodiscard]] Marks marks(const Snapshot& world);
inline constexpr const char* kSoaked = "Soaked";            // why it is good
inline constexpr const char* kFailedSince = "FailedSince";  // it was good, failed since, and was not rolled back
// Good, and not failed since.
[[nodiscard]] bool is_good(const Marks& all, const std::string& fingerprint);
[[nodiscard]] bool is_marked(const Marks& all, const std::string& fingerprint, api::Mark mark);
// The newest 20, newest first, as status keeps them.
[[nodiscard]] std::vector<api::MarkEntry> kept(const Marks& all);

struct Candidate {
  const Revision* revision = nullptr;
  api::Choice chosen = api::Choice::Good;
};
// Whether any rollback from `bad`, asked for or not, may end there: it exists, is another release, is not marked bad, and lies
// on this side of every no-way-back barrier.
[[nodiscard]] bool may_go_to(const Snapshot& world, const Revision& there, const Revision& bad, const Marks& all);
// Where to go back to from `bad`. Of a blue-green pair: what the other side runs, if it is good or older; else in place.
[[nodiscard]] std::optional<Candidate> choose(const Snapshot& world, const Revision& bad, const Marks& all);
// Of the target's own: the good one with the highest number; else the assumed one. Never one that a person sent back, unless it
// was shipped again since.
[[nodiscard]] std::optional<Candidate> choose_in_place(const Snapshot& world, const Revision& bad, const Marks& all);

// Why `choose` finds none, and what a person can do.
[[nodiscard]] std::string why_no_way_back(const Snapshot& world, const Revision& bad);

}  // namespace decide
