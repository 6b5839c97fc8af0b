// The objects of a cluster and the history of their changes, under the rules of server_rules.hpp.
// Thread rule: none of its own; FakeCluster holds the lock.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "fake/field_owners.hpp"
#include "wire/api.hpp"

namespace fake {

using base::Result;

struct Change {
  std::int64_t version;  // the resourceVersion it made
  wire::Kind kind;
  std::string ns;
  std::string line;  // as a watch sends it
};

class Store {
 public:
  using Edit = std::function<Result<nlohmann::json>(const nlohmann::json& live)>;

  explicit Store(const base::Clock& clock) : clock_(clock) {}

  [[nodiscard]] Result<nlohmann::json> get(const wire::Ref& ref) const;
  [[nodiscard]] std::vector<nlohmann::json> list(const wire::Collection& of) const;  // by namespace and name
  [[nodiscard]] Result<nlohmann::json> create(const wire::Collection& in, nlohmann::json wanted, const Writer& writer);
  // An edit that changes nothing is no write.
  [[nodiscard]] Result<nlohmann::json> update(const wire::Ref& ref, const Edit& edit, const Writer& writer);
  [[nodiscard]] Result<void> remove(const wire::Ref& ref, const std::string& uid);  // only this very object
  // Sets deletionTimestamp, as for a pod whose kubelet still has to stop it.
  [[nodiscard]] Result<void> mark_deleted(const wire::Ref& ref);

  [[nodiscard]] std::int64_t version() const { return version_; }
  // What happened after `version`, oldest first; `version` is not before oldest().
  [[nodiscard]] std::span<const Change> history(std::int64_t after) const;
  // The version from which on the history is complete.
  [[nodiscard]] std::int64_t oldest() const { return oldest_; }
  void compact();

 private:
  using Id = std::tuple<std::string, std::string, std::string>;  // group/plural, namespace, name

  static Id id_of(const wire::Ref& ref);
  void commit(const wire::Ref& ref, const char* type, nlohmann::json object);

  const base::Clock& clock_;
  std::map<Id, nlohmann::json> objects_;
  std::vector<Change> history_;  // one for each version after oldest_
  std::int64_t version_ = 1000;
  std::int64_t oldest_ = 1000;
  std::int64_t uids_ = 0;
};

}  // namespace fake
