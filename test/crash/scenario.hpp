// A story that is played on the fake cluster second by second, with the controller killed at a given write, or not at all.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crash/machine.hpp"
#include "fake/deployment_controller.hpp"
#include "fake/objects.hpp"

namespace crash {

class Stage;

// What a story comes to when nothing is cut.
struct Ending {
  int template_writes = 0;
  std::string kind;               // the objects of this kind, or all of them if it is empty, ...
  std::vector<std::string> says;  // ... say this
};

struct Scenario {
  std::string name;
  std::function<void(Stage&)> prepare;                   // before the first second
  std::map<int, std::function<void(Stage&)>> at_second;  // what people do
  int seconds = 60;
  Ending ending;
  friend void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }
};

enum class When { Never, Before, After };  // the k-th write reaches the server

// What came of it, with everything masked that may differ between two runs.
struct End {
  std::map<std::string, std::string> objects;  // "Rollback/web-..." -> the object's text
  std::set<std::string> writes;                // verb, object and changed fields of every accepted write
  int template_writes = 0;                     // accepted writes that changed spec.template
  int port_writes = 0;                         // all writes through the port: how many cuts there can be
  bool was_cut = false;
};

[[nodiscard]] End play(const Scenario& scenario, When when = When::Never, int k = 0);

// The world of a scenario, for its people.
class Stage {
 public:
  Stage();
  void deploy(const std::string& image, int replicas = 2);
  void ship(const std::string& image, const std::map<std::string, std::string>& annotations = {});
  // From now on the kubelets say that each container of an image takes so many bytes.
  void measure(std::function<double(const std::string& image)> bytes_of);
  void policy(const std::function<void(nlohmann::json&)>& edit = [](nlohmann::json&) {});
  void edit_policy(const std::function<void(nlohmann::json&)>& edit);
  [[nodiscard]] nlohmann::json deployment() const;
  [[nodiscard]] std::vector<nlohmann::json> rollbacks() const;
  [[nodiscard]] std::string image() const;
  fake::Actor person() { return cluster.as_user("kubectl"); }

  fake::ManualClock clock;
  fake::FakeCluster cluster{clock};
  fake::DeploymentController controllers{cluster};
  Kubelets kubelets;
  Pods pods;
};

// True if the condition of the object has the status.
[[nodiscard]] bool has(const nlohmann::json& object, const std::string& type, const std::string& status,
                       const std::string& reason = "");

}  // namespace crash
