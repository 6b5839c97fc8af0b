#include "run/config.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace run {
namespace {

using base::fail;
using base::Fault;
using base::Result;

struct FlagRow {
  const char* name;
  const char* help;
  std::function<bool(Flags&, const std::string&)> set;
};

bool number(int& into, const std::string& text, int least, int most) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), into);
  return problem == std::errc{} && end == text.data() + text.size() && into >= least && into <= most;
}

bool is_namespace(const std::string& name) {
  const auto is_ok = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return name.empty() ||
         (name.size() <= 63 && std::all_of(name.begin(), name.end(), is_ok) && name.front() != '-' && name.back() != '-');
}

template <std::string Flags::*Field>
bool text(Flags& flags, const std::string& value) {
  flags.*Field = value;
  return true;
}

template <std::string Flags::*Field>
bool enabled(Flags& flags, const std::string& value) {
  flags.*Field = value;
  return value == "Enabled" || value == "Disabled";
}

const std::vector<FlagRow>& rows() {
  static const std::vector<FlagRow> all{
      {"kubeconfig", "path of a kubeconfig; absent: the pod's ServiceAccount", text<&Flags::kubeconfig>},
      {"context", "context of the kubeconfig; absent: its current one", text<&Flags::context>},
      {"config", "path of the configuration file, which must exist if it is given",
       [](Flags& flags, const std::string& value) {
         flags.config_file = value;
         flags.config_is_given = true;
         return !value.empty();
       }},
      {"namespace", "watch only this namespace, a DNS label; absent: all",
       [](Flags& flags, const std::string& value) {
         flags.watch_namespace = value;
         return is_namespace(value);
       }},
      {"lease-namespace", "namespace of the Lease", text<&Flags::lease_namespace>},
      {"lease-name", "name of the Lease", text<&Flags::lease_name>},
      {"metrics-address", "host:port of /metrics", text<&Flags::metrics_address>},
      {"health-address", "host:port of /healthz and /readyz", text<&Flags::health_address>},
      {"log-level", "debug, info, warn or error", text<&Flags::log_level>},
      {"kubelet", "Enabled or Disabled: whether kubelets are asked for memory readings", enabled<&Flags::kubelet>},
      {"traffic", "Enabled or Disabled: whether Services are watched, and traffic is moved", enabled<&Flags::traffic>},
      {"check",
       "name of the controller's Deployment: don't run, but look for at most 30 s whether it is at work; exit code 0 if so",
       [](Flags& flags, const std::string& value) {
         flags.check = value;
         return !value.empty();
       }},
      {"workers", "how many passes run at once, 1 to 64",
       [](Flags& flags, const std::string& value) { return number(flags.workers, value, 1, 64); }},
  };
  return all;
}

Result<void> only_keys(const YAML::Node& map, const std::string& where, std::initializer_list<const char*> known) {
  if (!map.IsMap()) return fail(Fault::Invalid, fmt::format("configuration: {} must be a map", where));
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const auto key = entry.first.as<std::string>();
    if (!seen.insert(key).second)
      return fail(Fault::Invalid, fmt::format("configuration: {} has the key {} twice; write it once", where, key));
    if (std::find(known.begin(), known.end(), key) == known.end())
      return fail(Fault::Invalid,
                  fmt::format("configuration: {} has the unknown key {}; known are: {}", where, key, fmt::join(known, ", ")));
  }
  return {};
}

Result<Config> read_config(const YAML::Node& root) {
  Config config;
  if (root.IsNull()) return config;
  if (auto ok = only_keys(root, "the file", {"killSwitch", "caps", "evidence", "kubelet"}); !ok)
    return tl::unexpected(ok.error());
  if (root["killSwitch"]) config.kill_switch = root["killSwitch"].as<bool>();
  if (const auto caps = root["caps"]) {
    if (auto ok = only_keys(caps, "caps", {"simultaneousReverts"}); !ok) return tl::unexpected(ok.error());
    if (caps["simultaneousReverts"]) config.max_reverting = caps["simultaneousReverts"].as<int>();
    if (config.max_reverting < 1) return fail(Fault::Invalid, "configuration: caps.simultaneousReverts must be at least 1");
  }
  if (const auto evidence = root["evidence"]) {
    const auto word = evidence.as<std::string>();
    if (word != "Full" && word != "StatusOnly")
      return fail(Fault::Invalid, "configuration: evidence must be Full or StatusOnly");
    config.evidence = word == "Full" ? Config::Evidence::Full : Config::Evidence::StatusOnly;
  }
  if (const auto kubelet = root["kubelet"]) {
    if (auto ok = only_keys(kubelet, "kubelet", {"caFile"}); !ok) return tl::unexpected(ok.error());
    if (kubelet["caFile"]) config.kubelet_ca_file = kubelet["caFile"].as<std::string>();
  }
  return config;
}

}  // namespace

Result<Flags> parse_flags(const std::vector<std::string>& arguments) {
  Flags flags;
  for (const auto& argument : arguments) {
    if (argument == "--help") {
      flags.help = true;
      return flags;
    }
    const auto equals = argument.find('=');
    const FlagRow* row = nullptr;
    for (const auto& known : rows()) {
      if (equals != std::string::npos && argument.substr(0, equals) == std::string("--") + known.name) row = &known;
    }
    if (!row)
      return fail(Fault::Invalid,
                  fmt::format("unknown argument {}; flags are written --name=value, --help lists them", argument));
    if (!row->set(flags, argument.substr(equals + 1)))
      return fail(Fault::Invalid, fmt::format("--{} does not take {}: {}", row->name, argument.substr(equals + 1), row->help));
  }
  return flags;
}

std::string usage() {
  std::string text = "rollback-controller: rolls bad releases of Deployments back\n";
  for (const auto& row : rows()) text += fmt::format("  --{:<18} {}\n", std::string(row.name) + "=", row.help);
  return text;
}

Result<Config> parse_config(const std::string& text) {
  constexpr size_t kLargest = 64 * 1024;
  if (text.size() > kLargest) return fail(Fault::Invalid, "configuration: the file is larger than 64 KiB");
  try {
    const auto documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      return fail(Fault::Invalid, "configuration: the file has several YAML documents (---); it must be one");
    return documents.empty() ? Config{} : read_config(documents.front());
  } catch (const YAML::Exception& problem) {
    return fail(Fault::Invalid, fmt::format("configuration: {}", problem.what()));
  }
}

base::Result<Config> read_config(const std::string& path, bool once_read) {
  std::ifstream file(path);
  if (!file && once_read) return base::fail(base::Fault::Unavailable, path + " cannot be read");
  if (!file) return Config{};
  std::ostringstream text;
  text << file.rdbuf();
  if (once_read && text.str().empty()) return base::fail(base::Fault::Unavailable, path + " is empty");
  return parse_config(text.str());
}

}  // namespace run
