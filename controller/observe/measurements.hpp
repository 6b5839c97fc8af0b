// What is to be measured for whom, and what came back. No I/O and no thread: the collector does what `take` says and tells the
// result. Not thread-safe: the collector's lock is around it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

#include "decide/decide.hpp"
#include "observe/samples.hpp"
#include "observe/schedule.hpp"

namespace observe {

inline constexpr base::Seconds kMemoryPeriod{10};
inline constexpr base::Seconds kEvidenceKept{600};
inline constexpr base::Seconds kRightsPeriod{10'800};     // what is allowed is seldom taken away
inline constexpr base::Seconds kMissingRightsPeriod{60};  // somebody is about to grant it

// What there is for one policy.
struct Readings {
  std::vector<decide::ContainerMemory> memory;
  std::optional<base::Error> memory_problem;  // of the first wanted node that could not be read
  std::vector<decide::ProbeResult> probes;
  std::string evidence_of;  // the Rollback's uid
  std::optional<std::vector<api::PodEvidence>> evidence;
  std::optional<decide::Traffic> traffic;
  Millis traffic_wanted_for{};                  // 0: it is not wanted
  std::vector<decide::Permission> permissions;  // of the policy's namespace
};

// One thing to do now.
struct Task {
  struct Memory {};  // of the node job.about
  struct Probe {
    api::HttpChecks http;
    api::HttpCheck check;
    decide::ProbeWant::Target pod;
  };
  struct Evidence {
    std::vector<api::PodEvidence> pods;
  };
  struct Traffic {
    decide::TrafficWant asked;
  };
  struct Rights {
    decide::Right right;
  };
  Job job;
  Millis began{};
  std::variant<Memory, Probe, Evidence, Traffic, Rights> what;
};

class Measurements {
 public:
  // Replaces what the policy wanted before: its wants, and the pods whose memory samples are kept. Evidence is the exception:
  // what was asked for is fetched, and kept for ten minutes, though the wants name it no longer.
  void want(const api::Key& policy, decide::Wants wants, const std::vector<std::string>& memory_pods, Millis now);

  [[nodiscard]] std::optional<Task> take(Lane lane, Millis now);
  [[nodiscard]] std::optional<Millis> next(Lane lane) const { return schedule_.next(lane); }
  // The results; each answers with the policies for which there is something new.
  [[nodiscard]] std::set<api::Key> put(const Task& task, const Result<std::vector<PodMemory>>& read, Pace pace);
  [[nodiscard]] std::set<api::Key> put(const Task& task, decide::ProbeResult result, Pace pace);
  [[nodiscard]] std::set<api::Key> put(const Task& task, std::vector<api::PodEvidence> pods, Millis now);
  [[nodiscard]] std::set<api::Key> put(const Task& task, decide::Traffic traffic, Pace pace);
  [[nodiscard]] std::set<api::Key> put(const Task& task, const Result<bool>& allowed, Pace pace);

  [[nodiscard]] Readings readings(const api::Key& policy, Millis now) const;

 private:
  struct Evidence {
    std::string rollback_uid;
    std::vector<api::PodEvidence> asked;
    std::optional<std::vector<api::PodEvidence>> found;
  };
  struct Routes {
    decide::TrafficWant asked;
    Millis since;  // wanted like this, however often
    std::optional<decide::Traffic> found;
  };
  struct Want {
    std::set<std::string> nodes;
    std::set<std::string> pods;
    std::optional<decide::ProbeWant> probe;
    std::map<Job, std::optional<decide::ProbeResult>> probes;
    std::optional<Evidence> evidence;
    std::optional<Routes> routes;
    [[nodiscard]] bool is_empty() const { return nodes.empty() && pods.empty() && !probe && !evidence && !routes; }
  };
  struct Node {
    std::set<api::Key> wanted_by;
    std::optional<base::Error> problem;
  };

  struct Question {
    decide::Right right;
    std::optional<bool> is_allowed;  // once it was answered
  };
  struct Namespace {
    std::set<std::string> policies;             // that want to know
    std::map<std::string, Question> questions;  // by the right, as it is described
  };

  void want_nodes(const api::Key& policy, Want& mine, std::set<std::string> nodes, Millis now);
  void want_pods(Want& mine, std::set<std::string> pods);
  void want_probes(const api::Key& policy, Want& mine, std::optional<decide::ProbeWant> probe, Millis now);
  void want_routes(const api::Key& policy, Want& mine, std::optional<decide::TrafficWant> traffic, Millis now);
  void want_rights(const api::Key& policy, const std::vector<decide::Right>& rights, Millis now);
  void want_evidence(const api::Key& policy, Want& mine, const decide::EvidenceWant& evidence, Millis now);
  [[nodiscard]] std::optional<Task> task_of(const Job& job, Millis now) const;
  void forget_evidence(const Job& job);

  std::map<api::Key, Want> wants_;
  std::map<std::string, Node> nodes_;
  std::map<std::string, Namespace> namespaces_;
  Samples samples_;
  Schedule schedule_;
};

}  // namespace observe
