// Flags, credentials, signals, exit code.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include <unistd.h>

#include "base/log.hpp"
#include "base/memory.hpp"
#include "run/check.hpp"
#include "run/operator.hpp"
#include "wire/credentials.hpp"
#include "wire/http.hpp"

namespace {

constexpr int kUsage = 2;

int complain(const base::Error& error) {
  std::cerr << "rollback-controller: " << error.what << "\n";
  return kUsage;
}

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

base::Result<wire::Endpoint> endpoint(const run::Flags& flags, const base::Clock& clock) {
  if (!flags.kubeconfig.empty()) return wire::endpoint_from_kubeconfig(flags.kubeconfig, flags.context, clock);
  return wire::endpoint_in_cluster({env("KUBERNETES_SERVICE_HOST"), env("KUBERNETES_SERVICE_PORT")}, clock);
}

// The pod's name where there is one, and a part that no other process has.
std::string identity() {
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  std::string random;
  std::getline(std::ifstream("/proc/sys/kernel/random/uuid"), random);
  return std::string(host) + "_" + random;
}

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

int look_only(const run::Flags& flags, const wire::Endpoint& where, const base::Clock& clock) {
  const auto found = run::check(flags, where, clock);
  std::cout << "rollback-controller: " << (found ? *found : found.error().what) << std::endl;
  return found ? EXIT_SUCCESS : EXIT_FAILURE;
}

int serve(const run::Flags& flags) {
  static const base::SystemClock clock;
  const auto where = endpoint(flags, clock);
  if (!where) return complain(where.error());
  if (!flags.check.empty()) return look_only(flags, *where, clock);
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: they inherit it
  auto process = run::Operator::make(flags, *where, identity(), clock);
  if (!process) return complain(process.error());
  std::jthread runner([&](const std::stop_token& stop) { (*process)->run(stop); });
  int signal = 0;
  sigwait(&signals, &signal);
  base::log::info("stopping", {{"signal", std::to_string(signal)}});
  runner.request_stop();
  runner.join();
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  base::keep_memory_small();
  wire::prepare_process();
  const auto flags = run::parse_flags({argv + 1, argv + argc});
  if (!flags) return complain(flags.error());
  if (flags->help) {
    std::cout << run::usage();
    return EXIT_SUCCESS;
  }
  if (!base::log::start(flags->log_level))
    return complain({base::Fault::Invalid, "--log-level takes debug, info, warn or error"});
  wire::leave_process(serve(*flags));
}
