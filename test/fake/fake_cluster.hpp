// A Kubernetes API server in memory, behind the same port as the real one; test/contract holds it to that.
// Thread rule: safe from every thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "fake/faults.hpp"
#include "fake/store.hpp"
#include "wire/api.hpp"

namespace fake {

// A write that came through the port, whatever became of it.
struct Write {
  std::string verb;  // create, patch, delete
  wire::Kind kind;
  std::string ns;
  std::string name;
  std::string subresource;
  std::vector<std::string> fields;  // accepted: what changed, two levels deep ("spec.template"); refused: what was to change
  bool accepted = false;
};

enum class Instance { Current, Previous };  // of a container

class FakeCluster;

// Someone other than the controller under test: a person, a controller of Kubernetes. What it does is not in writes(), never
// cut and never failed; what the server refuses is a mistake of the test and throws std::runtime_error.
class Actor {
 public:
  Actor(FakeCluster& cluster, Writer writer) : cluster_(cluster), writer_(std::move(writer)) {}

  [[nodiscard]] std::optional<nlohmann::json> find(const wire::Ref& ref) const;
  [[nodiscard]] nlohmann::json get(const wire::Ref& ref) const;
  [[nodiscard]] std::vector<nlohmann::json> list(const wire::Kind& kind, const std::string& ns) const;
  nlohmann::json create(nlohmann::json object);
  // To the main resource, or to the subresource that `ref` names. `edit` runs under the cluster's lock: it must not call it.
  nlohmann::json update(const wire::Ref& ref, const std::function<void(nlohmann::json&)>& edit);
  void remove(const wire::Ref& ref);
  void mark_deleted(const wire::Ref& ref);  // deletionTimestamp only: a pod that is still being stopped

 private:
  FakeCluster& cluster_;
  Writer writer_;
};

class FakeCluster final : public wire::Api, public Faults {
 public:
  explicit FakeCluster(const base::Clock& clock) : store_(clock) {}

  // The port.
  Result<std::string> get(const wire::Ref& ref) override;
  Result<std::string> list(const wire::Collection& of, int limit, const std::string& continue_token) override;
  // Time never ends it. A bookmark comes when all that has happened was delivered, once, and again at a regular end.
  Result<void> watch(const wire::Collection& of, const wire::WatchAsk& ask, const wire::LineSink& sink,
                     std::stop_token stop) override;
  Result<std::string> create(const wire::Collection& in, const std::string& body) override;
  Result<std::string> json_patch(const wire::Ref& ref, const std::string& operations) override;
  Result<void> remove(const wire::Ref& ref, const std::string& uid) override;

  [[nodiscard]] Actor as_user(const std::string& manager = "kubectl", const std::string& operation = "Update");
  [[nodiscard]] std::vector<Write> writes() const;
  // What access reviews answer for "patch deployments" from now on. They alone: writes are made to fail by Faults.
  void forbid(const std::string& what, bool is_forbidden = true);
  // What `kubectl logs` of this container says; without it the server answers Invalid.
  void set_log(const std::string& ns, const std::string& pod, const std::string& container, Instance which, std::string text);

  // Lines of a kind after a version, for tests without threads.
  [[nodiscard]] std::vector<std::string> drain(const wire::Kind& kind, std::int64_t since_version) const;
  // Called in the order of commits, inside the write that made the line but outside the cluster's lock.
  using OnEvent = std::function<void(const wire::Kind& kind, const std::string& line)>;
  void on_event(OnEvent listener);
  [[nodiscard]] std::int64_t version() const;
  // Forgets the history: watches from before and unfinished lists are Expired.
  void compact();
  // Ends the open watches, and the coming ones as soon as all was delivered, until resume_watches().
  void end_watches();
  void resume_watches();

 private:
  friend class Actor;
  struct Page {
    std::deque<nlohmann::json> rest;
    std::int64_t version;
  };
  struct Batch {
    std::vector<std::string> lines;
    std::int64_t version = 0;
    bool is_expired = false;
  };

  struct Done {  // what a write made of an object
    nlohmann::json before;
    nlohmann::json after;
  };

  static std::vector<std::string> changed_by(const Done& done, const std::vector<std::string>& asked);
  Result<std::string> read_log(const wire::Ref& ref) const;
  Result<std::string> review(nlohmann::json asked) const;
  Result<std::string> first_page(const wire::Collection& of, std::size_t limit);
  Result<std::string> page_text(const wire::Collection& of, Page page, std::size_t limit);
  // One write through the port: faults, commit under the lock, audit, events.
  Result<std::string> write(const Call& call, std::vector<std::string> asked, const std::function<Result<Done>()>& commit);
  Batch initial(const wire::Collection& of) const;
  Batch since(const wire::Collection& of, std::int64_t version) const;
  void publish();

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Store store_;  // this and all below: under mutex_
  std::vector<Write> writes_;
  std::map<std::string, Page> pages_;
  std::set<std::string> forbidden_;
  std::map<std::string, std::string> logs_;
  std::vector<OnEvent> listeners_;
  std::int64_t published_ = 1000;
  bool is_publishing_ = false;
  int watch_epoch_ = 0;
  bool watches_end_ = false;
};

}  // namespace fake
