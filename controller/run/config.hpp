// What the process is told: flags, and one configuration file that is read again while it runs.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace run {

// How the program is started. Flags are `--name=value`; --help lists them.
struct Flags {
  std::string kubeconfig;  // empty: the ServiceAccount of the pod
  std::string context;     // of the kubeconfig; empty: its current one
  std::string config_file = "/etc/rollback/config.yaml";
  bool config_is_given = false;  // then it must exist
  std::string watch_namespace;   // empty: all
  std::string lease_namespace = "rollback-system";
  std::string lease_name = "rollback-controller";
  std::string metrics_address = "0.0.0.0:8080";
  std::string health_address = "0.0.0.0:8081";
  std::string log_level = "info";
  std::string kubelet = "Enabled";  // or Disabled: Memory triggers are Unknown then, and say so
  std::string traffic = "Enabled";  // or Disabled: Services and routes are left alone, and policies on them say so
  int workers = 4;
  std::string check;  // not empty: don't run, but say whether the controller of this Deployment is at work
  bool help = false;
};

// Fault::Invalid names the flag and what it takes.
[[nodiscard]] base::Result<Flags> parse_flags(const std::vector<std::string>& arguments);
[[nodiscard]] std::string usage();

struct Config {
  enum class Evidence { Full, StatusOnly };
  bool kill_switch = false;            // killSwitch: true holds every automatic run before its next write
  int max_reverting = 10;              // caps.simultaneousReverts
  Evidence evidence = Evidence::Full;  // a change takes effect with the next start
  std::string
      kubelet_ca_file;  // kubelet.caFile; empty: the API server's CA signs the kubelets too; the path is read at the start
  friend bool operator==(const Config&, const Config&) = default;
};

// The file's text. An absent file is the default configuration; an unknown key is Fault::Invalid, so that a slip is not a
// silent default.
[[nodiscard]] base::Result<Config> parse_config(const std::string& text);
// The file at `path`. An absent one is the default at the start only: one that is gone after it was `once_read`, or empty while
// it is being written, is Fault::Unavailable, for it must not lift a kill switch.
[[nodiscard]] base::Result<Config> read_config(const std::string& path, bool once_read);

}  // namespace run
