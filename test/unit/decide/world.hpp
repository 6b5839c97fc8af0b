// Worlds for the tests of decide/, told as one would say them: World().revision(1).good().revision(2).pod("a").crash(1, 30s).
// Unless said otherwise: policy "web" of yesterday with the default triggers, mode Enforce; Deployment "web" with 3 replicas,
// completely rolled out; revisions ten minutes apart, the last said being the current one.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "decide/decide.hpp"
#include "decide/judge.hpp"
#include "decide/revision.hpp"
#include "decide/run.hpp"

namespace decide_test {

using namespace std::chrono_literals;
using api::Instant;
using api::Seconds;

inline const Instant kNow{1'700'000'000s};
inline constexpr double kMiB = 1024.0 * 1024.0;
inline constexpr const char* kTargetUid = "target-uid";
inline constexpr const char* kPolicyUid = "policy-uid";

api::Template release(const std::string& name);
std::string fingerprint(const std::string& release_name);
// Revision `number` as it was shipped: release "v<number>" unless another is named.
api::RevisionRef shipped(int number, const std::string& release_name = "");

api::Trigger unstable(int more_than = 5, Seconds window = 600s);
api::Trigger stuck(Seconds deadline = 300s);
api::Trigger memory(double above_mib = 600, Seconds lasting = 30s, api::Measure measure = api::Measure::RSS);
api::HttpChecks search_check();
api::CanaryPair canary_pair();

class World {
 public:
  World();
  operator const decide::Snapshot&() const { return seen_; }
  [[nodiscard]] const decide::Snapshot& snapshot() const { return seen_; }
  World& change(const std::function<void(decide::Snapshot&)>& with);

  World& triggers(std::vector<api::Trigger> all);
  World& mode(api::Mode mode);
  World& policy(const std::function<void(api::PolicySpec&)>& with);
  World& status(const std::function<void(api::PolicyStatus&)>& with);
  World& policy_age(Seconds age);
  World& no_policy();
  World& kill_switch();
  // What the target's tracking says of the current revision: rolled out and healthy on every trigger since.
  World& soaking(Seconds since);

  // A revision; what follows is about it, until the next is said.
  World& revision(int number, const std::string& release_name = "");
  World& at(int number);
  // Revision `number` runs again under the next number, as after a revert.
  World& shipped_again(int number);
  World& age(Seconds age);
  World& good();
  World& bad();
  World& annotated(const std::string& value);
  World& no_way_back();
  World& seen_ready();
  World& deleting();

  // A ready pod of the revision, of the age of half an hour; what follows is about it.
  World& pod(const std::string& name);
  World& pods(int count);
  World& pod_is(const std::function<void(api::Pod&)>& with);
  World& unready(Seconds ago);
  World& unschedulable();
  World& crash(int nth, Seconds ago);
  World& lost_ready(Seconds ago, std::optional<Seconds> back_ago = {});
  World& samples(const std::vector<double>& mib, Seconds newest_ago = 5s, Seconds apart = 15s);
  World& probe(decide::Probed outcome, Seconds ago, const std::string& message = "");

  World& replicas(int count);
  World& counts(int updated, int available, int all);
  World& paused();
  // A canary pair before the target: one HTTPRoute with these weights, read so long ago; 3 of 3 pods behind the stable Service.
  World& split(int stable, int canary, Seconds read_ago = 0s);
  World& traffic(const std::function<void(decide::Traffic&)>& with);
  World& rollback(api::Rollback run);

 private:
  decide::Revision& current();
  decide::Revision& selected();
  api::Pod& selected_pod();

  decide::Snapshot seen_;
  std::string revision_;
  std::string pod_;
};

// A Rollback from a revision, created a minute ago by trigger "unstable", named as decide names it.
class RunFrom {
 public:
  explicit RunFrom(int from, const std::string& release_name = "");
  operator const api::Rollback&() const { return run_; }
  [[nodiscard]] const api::Rollback& rollback() const { return run_; }

  RunFrom& change(const std::function<void(api::Rollback&)>& with);
  RunFrom& trigger(const std::string& name);
  RunFrom& by_hand();
  RunFrom& age(Seconds age);
  RunFrom& decided(api::DecisionState state, const std::string& reason = "");
  RunFrom& after(const std::string& previous, int depth);
  RunFrom& plan(int to, const std::string& release_name = "");
  RunFrom& settings(const std::function<void(api::RunSettings&)>& with);
  RunFrom& to_was_healthy(const std::string& trigger);
  RunFrom& reverts(int count, int last_number);
  RunFrom& step(const char* name, api::StepState state, Seconds ago = 30s);
  RunFrom& condition(const char* type, api::Status status, const char* reason, Seconds ago = 30s);
  // The shorthands of a run that went well so far.
  RunFrom& reverted(Seconds ago = 60s);
  RunFrom& rolled_out(Seconds ago = 50s);
  RunFrom& restored(Seconds ago = 40s);
  RunFrom& complete(const char* reason);
  RunFrom& failed(const char* reason);

 private:
  api::Rollback run_;
  api::RevisionRef bad_;
};

// Revision 1 was good, 2 runs now: without a pod yet, with a healthy one, with one that crashed twice.
World bad_runs();
World healthy_one();
World crashing();

// What the judges look at, tracked up to `now`.
struct Judged {
  explicit Judged(const decide::Snapshot& seen, Instant now = kNow);
  Judged(const Judged&) = delete;
  Judged& operator=(const Judged&) = delete;

  decide::Snapshot world;
  api::PolicyStatus tracked;
  decide::Marks marks;
  decide::Bench bench;
};

decide::Finding healthy(const std::string& trigger = "unstable");
decide::Finding breached(const std::string& trigger = "unstable");
decide::Finding unknown(const std::string& trigger = "unstable");

// One step of the world's newest Rollback, with these findings on the current revision.
decide::Progress proceed(const decide::Snapshot& world, const std::vector<decide::Finding>& findings = {}, Instant now = kNow);

// "True Reason" of a condition, "" if it is not there; "Running message" of a step.
std::string condition(const api::Conditions& all, const char* type);
std::string step(const api::RollbackStatus& status, const char* name);

}  // namespace decide_test
