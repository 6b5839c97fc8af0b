// What is kept of any object's metadata, and the references between objects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace api {

using base::Instant;
using base::Seconds;

inline constexpr const char* kGroup = "rollback.riptide.dev";
inline constexpr const char* kApiVersion = "rollback.riptide.dev/v1alpha1";
// On any revision object: `good` lifts a bad mark of its fingerprint, `bad` sets one.
inline constexpr const char* kMarkAnnotation = "rollback.riptide.dev/mark";
// On a pod template: a barrier that no rollback crosses; the value says why.
inline constexpr const char* kNoWayBackAnnotation = "rollback.riptide.dev/no-way-back";
inline constexpr const char* kRevisionAnnotation = "deployment.kubernetes.io/revision";
inline constexpr const char* kChangeCauseAnnotation = "kubernetes.io/change-cause";
inline constexpr const char* kLastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
inline constexpr const char* kRestartedAtAnnotation = "kubectl.kubernetes.io/restartedAt";
inline constexpr const char* kTemplateHashLabel = "pod-template-hash";

// namespace/name: what a work queue holds.
struct Key {
  std::string ns;
  std::string name;
  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Owner {
  std::string kind;
  std::string name;
  std::string uid;
  friend bool operator==(const Owner&, const Owner&) = default;
};

using Strings = std::map<std::string, std::string>;

struct Meta {
  std::string ns;
  std::string name;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  std::optional<Instant> created;
  std::optional<Instant> deleted;   // deletionTimestamp
  std::optional<Owner> controller;  // the owner reference with controller: true
  friend bool operator==(const Meta&, const Meta&) = default;

  [[nodiscard]] Key key() const { return {ns, name}; }
};

}  // namespace api
