// The cluster that a contract test talks to: the fake or a real API server, by the factory that is linked in. Only what holds
// for both is tested here; where they differ, the fake is wrong.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "wire/api.hpp"

namespace contract {

class World {
 public:
  virtual ~World() = default;
  [[nodiscard]] virtual wire::Api& api() = 0;
  [[nodiscard]] virtual const std::string& ns() const = 0;  // the test's own, empty at first
  virtual void tick() = 0;                                  // gives the Deployment and ReplicaSet controllers time to work
  // From its return on, admission denies a change of any Deployment in ns() whose label `denied` is "yes".
  virtual void deny_labelled() = 0;
};

// A new world with a namespace of its own; throws with the reason if there is none.
[[nodiscard]] std::unique_ptr<World> make();

using nlohmann::json;

class Contract : public testing::Test {
 protected:
  [[nodiscard]] wire::Api& api() { return world_->api(); }
  [[nodiscard]] const std::string& ns() const { return world_->ns(); }
  [[nodiscard]] wire::Ref ref(const wire::Kind& kind, const std::string& name, const std::string& subresource = "") const;

  // The object as stored; fail the test and give null if the server refuses.
  json create(const wire::Kind& kind, const json& object);
  json read(const wire::Ref& of);
  json patch(const wire::Ref& of, const json& operations);
  // Without judging it.
  base::Result<json> try_create(const wire::Kind& kind, const json& object);
  base::Result<json> try_patch(const wire::Ref& of, const json& operations);
  base::Result<json> try_list(const wire::Kind& kind, int limit = 0, const std::string& continue_token = "");

  [[nodiscard]] json deployment(const std::string& name, const std::string& image = "localhost/app:1", int replicas = 1) const;
  // One object of this kind that was created for the test.
  json lease(const std::string& name);

  // Until `holds` or half a minute has passed; the world's controllers work meanwhile.
  [[nodiscard]] bool eventually(const std::function<bool()>& holds);
  void deny_labelled() { world_->deny_labelled(); }

 private:
  std::unique_ptr<World> world_ = make();
};

// A failed Result of this fault.
MATCHER_P(is_fault, fault, "") {
  if (arg.has_value())
    *result_listener << "which succeeded";
  else
    *result_listener << "which says: " << arg.error().what;
  return !arg.has_value() && arg.error().fault == fault;
}

[[nodiscard]] std::string version_of(const json& object);
[[nodiscard]] std::string uid_of(const json& object);
[[nodiscard]] json op(const char* verb, const std::string& path, const json& value);
[[nodiscard]] json remove_op(const std::string& path);

}  // namespace contract
