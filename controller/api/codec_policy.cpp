#include <cmath>

#include <fmt/format.h>

#include "api/codec.hpp"
#include "api/fields.hpp"
#include "api/text.hpp"

namespace api {
namespace {

using nlohmann::json;
using namespace fields;

// Reads a spec and keeps the first reason why it can't be used. The schema refuses all of these; what slips through must not
// arm.
class SpecReader {
 public:
  PolicySpec read(const json& spec) {
    PolicySpec out;
    read_target(field(spec, "targetRef"), out);
    out.mode = word<Mode>(spec, "mode", "spec.mode", out.mode);
    const auto& triggers = list(spec, "triggers");
    if (triggers.empty()) refuse("spec.triggers", "must name at least one trigger");
    for (const json& each : triggers)
      out.triggers.push_back(trigger(each, fmt::format("spec.triggers[{}]", out.triggers.size())));
    read_traffic(field(spec, "traffic"), out);
    read_verification(field(spec, "verification"), out);
    read_limits(spec, out);
    return out;
  }

  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void refuse(std::string_view path, std::string_view why) {
    if (error_.empty()) error_ = fmt::format("{} {}", path, why);
  }

  void read_target(const json& ref, PolicySpec& out) {
    out.target_name = text(ref, "name");
    if (text(ref, "kind") != "Deployment") refuse("spec.targetRef.kind", "must be Deployment");
    if (out.target_name.empty()) refuse("spec.targetRef.name", "must name a Deployment of this namespace");
  }

  // A word of E; absent it is `fallback`, or refused if there is none.
  template <class E>
  E word(const json& of, const char* name, std::string_view path, std::optional<E> fallback) {
    const json& found = field(of, name);
    if (found.is_null() && fallback) return *fallback;
    if (const auto known = from_text<E>(text(of, name))) return *known;
    std::string allowed;
    for (const E each : All<E>::values) allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", to_text(each));
    refuse(path, fmt::format("must be one of {}", allowed));
    return All<E>::values.front();
  }

  // A threshold: none has a default, for a forgotten one must not act like 0.
  int required(const json& of, const char* name, const std::string& path, int least) {
    const auto found = small_number(of, name);
    if (found && *found >= least) return *found;
    refuse(fmt::format("{}.{}", path, name), fmt::format("must be a whole number from {} on", least));
    return least;
  }

  Trigger trigger(const json& of, const std::string& path) {
    Trigger out{.name = text(of, "name"), .rule = {}};
    if (out.name.empty()) refuse(path + ".name", "must not be empty");
    const std::string type = text(of, "type");
    if (type == "Memory") {
      out.rule = memory(field(of, "memory"), path + ".memory");
    } else if (type == "Failures") {
      out.rule = failures(field(of, "failures"), path + ".failures");
    } else if (type == "Progress") {
      out.rule = ProgressTrigger{Seconds{required(field(of, "progress"), "deadlineSeconds", path + ".progress", 1)}};
    } else {
      refuse(path + ".type", "must be one of Memory, Failures, Progress");
    }
    return out;
  }

  MemoryTrigger memory(const json& of, const std::string& path) {
    MemoryTrigger out;
    out.measure = word<Measure>(of, "measure", path + ".measure", std::nullopt);
    out.above_text = text(of, "above");
    out.above_bytes = parse_quantity(out.above_text).value_or(0);
    if (!(out.above_bytes > 0) || !std::isfinite(out.above_bytes)) {
      refuse(path + ".above", "must be a quantity of bytes above 0, such as 600M, 512Mi or 1.5Gi");
    }
    out.for_seconds = seconds(of, "forSeconds", out.for_seconds);
    return out;
  }

  FailuresTrigger failures(const json& of, const std::string& path) {
    return {.more_than = required(of, "moreThan", path, 0), .window = Seconds{required(of, "windowSeconds", path, 1)}};
  }

  void read_traffic(const json& of, PolicySpec& out) {
    if (of.is_null()) return;
    const std::string type = text(of, "type");
    if (type == "Canary") out.canary = read_canary(of);
    if (type == "BlueGreen") out.blue_green = read_blue_green(of, out.target_name);
    if (out.canary) return check(*out.canary);
    if (out.blue_green) return check(*out.blue_green);
    refuse("spec.traffic", "must be of type Canary, with the field canary, or of type BlueGreen, with the field blueGreen");
  }

  void check(const CanaryPair& pair) {
    if (pair.stable_service.empty() || pair.canary_service.empty() || pair.stable_service == pair.canary_service)
      refuse("spec.traffic.canary", "must name two different Services: stableServiceName and canaryServiceName");
    if (pair.routes.empty()) refuse("spec.traffic.canary.routeRefs", "must name at least one route");
    for (size_t i = 0; i < pair.routes.size(); ++i) {
      if (find_router(pair.routes[i]) && !pair.routes[i].name.empty()) continue;
      refuse(fmt::format("spec.traffic.canary.routeRefs[{}]", i), "must name a route of a kind that is known");
    }
  }

  void check(const BlueGreenPair& pair) {
    if (pair.service.empty() || pair.key.empty())
      refuse("spec.traffic.blueGreen", "must name a Service and a key of its selector: serviceName and selectorKey");
    if (pair.peer.empty() || pair.peer == pair.side)
      refuse("spec.traffic.blueGreen.peerRef", "must name another Deployment of this namespace than targetRef");
  }

  void read_verification(const json& of, PolicySpec& out) {
    out.verification_timeout = seconds(of, "timeoutSeconds", out.verification_timeout);
    const json& http = field(of, "http");
    if (!http.is_object()) return;
    out.http = read_http(http);
    if (out.http->port < 1 || out.http->port > 65535) refuse("spec.verification.http.port", "must be from 1 to 65535");
    for (size_t i = 0; i < out.http->checks.size(); ++i) {
      // The path is put behind the pod's address: without the slash it could become part of another host's name.
      if (out.http->checks[i].path.starts_with('/')) continue;
      refuse(fmt::format("spec.verification.http.checks[{}].path", i), "must begin with '/'");
    }
  }

  static void read_limits(const json& spec, PolicySpec& out) {
    const json& stabilization = field(spec, "stabilization");
    out.stabilization = seconds(stabilization, "durationSeconds", out.stabilization);
    out.stabilization_period = seconds(stabilization, "periodSeconds", out.stabilization_period);
    const json& guards = field(spec, "guards");
    const json& most = field(guards, "maxRollbacks");
    out.max_rollbacks = small_number(most, "count").value_or(out.max_rollbacks);
    out.max_rollbacks_window = seconds(most, "windowSeconds", out.max_rollbacks_window);
    out.suspect = seconds(guards, "suspectSeconds", out.suspect);
    const json& revisions = field(spec, "revisions");
    out.soak = seconds(revisions, "soakSeconds", out.soak);
    out.max_depth = small_number(revisions, "maxDepth").value_or(out.max_depth);
    out.ignore_template_keys = texts(revisions, "ignoreTemplateKeys");
    // The same release on either side of a pair is one release.
    if (out.blue_green) out.ignore_template_keys.push_back(out.blue_green->key);
    out.history_limit = small_number(field(spec, "history"), "limit").value_or(out.history_limit);
  }

  std::string error_;
};

RollbackPolicy read_policy(const json& object) {
  SpecReader reader;
  PolicySpec spec = reader.read(field(object, "spec"));
  return {read_meta(object), std::move(spec), reader.error(), read_policy_status(field(object, "status"))};
}

}  // namespace

Result<RollbackPolicy> parse_policy(std::string_view text) {
  return parse<RollbackPolicy>("RollbackPolicy", text, own_keep(), read_policy);
}

}  // namespace api
