#include "run/operator.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "act/actor.hpp"
#include "base/guarded.hpp"
#include "base/log.hpp"
#include "observe/observer.hpp"
#include "observe/view.hpp"
#include "record/recorder.hpp"
#include "run/leading.hpp"
#include "run/reconcile.hpp"
#include "run/server.hpp"
#include "run/waiting.hpp"
#include "run/workers.hpp"
#include "run/write_through.hpp"
#include "wire/api_client.hpp"
#include "wire/http.hpp"
#include "wire/reflector.hpp"

namespace run {
namespace {

using base::Result;

constexpr const char* kVersion = RBC_VERSION;

double random_fraction() {
  thread_local std::mt19937 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(engine);
}

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Kubelets are verified against their own CA where one is configured, else against the API server's. The file is read each
// time: it may be rotated, and while it can't be used the last good one stays.
std::function<wire::TlsIdentity()> kubelet_identity(const wire::Endpoint& endpoint, const std::string& ca_file) {
  if (ca_file.empty()) return endpoint.identity;
  return [identity = endpoint.identity, ca_file] {
    auto whole = identity();
    whole.ca_pem = file_text(ca_file);
    return whole;
  };
}

std::string host_of(const std::string& server) { return server.substr(server.find("://") + 3); }

std::vector<std::string> scope_of(const Flags& flags) {
  return flags.watch_namespace.empty() ? std::vector<std::string>{} : std::vector<std::string>{flags.watch_namespace};
}

std::vector<wire::Kind> kinds_of(const Flags& flags) { return observe::kept_kinds(flags.traffic == "Enabled"); }

// The transports: what must not wait for others (the lease) has one of its own.
struct Transports {
  std::unique_ptr<wire::Http> api, lease, kubelet, pods;
};

Result<Transports> open(const wire::Endpoint& endpoint, const Config& config) {
  Transports all;
  const std::pair<std::unique_ptr<wire::Http>*, std::function<wire::TlsIdentity()>> wanted[] = {
      {&all.api, endpoint.identity},
      {&all.lease, endpoint.identity},
      {&all.kubelet, kubelet_identity(endpoint, config.kubelet_ca_file)},
      {&all.pods, [] { return wire::TlsIdentity{}; }}};
  for (const auto& [slot, identity] : wanted) {
    auto made = wire::make_cpprest_http(identity);
    if (!made) return tl::unexpected(made.error());
    *slot = std::move(*made);
  }
  return all;
}

class Process final : public Operator {
 public:
  Process(const Flags& flags, const wire::Endpoint& endpoint, const std::string& identity, const base::Clock& clock,
          const Config& config, Transports transports)
      : flags_(flags),
        clock_(clock),
        transports_(std::move(transports)),
        config_(config),
        metrics_(kVersion, host_of(endpoint.server)),
        queue_(clock, {[this] { metrics_.work().added(); }, [this](base::Millis waited) { metrics_.work().taken(waited); }}),
        api_(*transports_.api, endpoint, clock,
             {kVersion, [this](std::string_view method, int code) { metrics_.requested(method, code); }}),
        lease_api_(*transports_.lease, endpoint, clock,
                   {kVersion, [this](std::string_view method, int code) { metrics_.requested(method, code); }}),
        lease_(lease_api_, {flags.lease_namespace, flags.lease_name, identity}, clock),
        fenced_(api_, lease_),
        cache_(clock, kinds_of(flags), scope_of(flags), [this](const api::Key& key) { queue_.add(key); }),
        writes_(fenced_, [this](const wire::Kind& kind, std::string_view object) { std::ignore = cache_.learn(kind, object); }),
        kubelets_(api_, *transports_.kubelet, endpoint.token, clock),
        no_kubelets_("kubelet access is off (--kubelet=Disabled): memory can't be read"),
        collector_(
            {memory(), *transports_.pods, api_}, clock,
            config.evidence == Config::Evidence::Full ? observe::EvidenceLines::Full : observe::EvidenceLines::StatusOnly,
            [this](const api::Key& key) { queue_.add(key); }),
        observer_(cache_, collector_, [this] { return hold(); }),
        actor_(writes_, clock),
        recorder_(writes_, metrics_, clock, identity),
        reconciler_(observer_, actor_, recorder_, clock),
        workers_(queue_, clock,
                 {[this](const api::Key& key) { return reconciler_.pass(key); },
                  [this] { return lease_.may_write() && cache_.synced(); },
                  [this](const api::Key&, const char* result, base::Millis took) { observe(result, took); }}) {}

  Result<void> listen() {
    auto metrics = Server::start(flags_.metrics_address, {{"/metrics", [this] { return scrape(); }}});
    if (!metrics) return tl::unexpected(metrics.error());
    auto health = Server::start(flags_.health_address,
                                {{"/healthz", [] { return Answer{200, "ok\n"}; }}, {"/readyz", [this] { return ready(); }}});
    if (!health) return tl::unexpected(health.error());
    servers_.push_back(std::move(*metrics));
    servers_.push_back(std::move(*health));
    return {};
  }

  void run(const std::stop_token& stop) override {
    base::log::info("started",
                    {{"version", kVersion}, {"namespace", flags_.watch_namespace.empty() ? "all" : flags_.watch_namespace}});
    collector_.start();
    workers_.start(flags_.workers);
    metrics_.work().workers(flags_.workers);
    std::vector<std::jthread> watchers;
    for (const auto& kind : kinds_of(flags_)) {
      const wire::Collection of{kind, flags_.watch_namespace};
      watchers.emplace_back([this, of](const std::stop_token& end) { watch(of, end); });
    }
    std::jthread leader([this](const std::stop_token& end) {
      lead(lease_, [this](bool leads) { leadership(leads); }, [this] { return workers_.take_dropped(); }, wait_for, end);
    });
    while (wait_for(base::Millis{5'000}, stop)) reload();
    workers_.stop();  // passes end before the lease is given up
    leader.request_stop();
    leader.join();
    for (auto& watcher : watchers) watcher.request_stop();
  }

 private:
  observe::MetricSource& memory() {
    if (flags_.kubelet == "Disabled") return no_kubelets_;
    return kubelets_;
  }

  observe::Hold hold() const {
    return config_.with([this](const Config& config) {
      return observe::Hold{config.kill_switch, config.max_reverting, flags_.traffic == "Enabled"};
    });
  }

  void leadership(bool leads) {
    base::log::info(leads ? "leading" : "not leading", {{"lease", flags_.lease_namespace + "/" + flags_.lease_name}});
    metrics_.leading(leads);
    if (!leads) return;
    touch_all();
  }

  void touch_all() {
    for (const auto& key : cache_.read([](const auto& tables, base::Instant) { return observe::policies_of(tables); }))
      queue_.add(key);
  }

  // A view that can't be kept up says so once, and once when it is well again.
  void watch(const wire::Collection& of, const std::stop_token& stop) {
    const std::string kind(of.kind.plural);
    const auto told = [kind](const Result<void>& outcome) {
      if (!outcome) base::log::warn("object left out", {{"kind", kind}, {"error", outcome.error().what}});
    };
    wire::ReflectorSink sink;
    sink.begin_list = [this, of] { cache_.begin(of); };
    sink.page = [this, of, told](std::string_view page) { told(cache_.put_list(of, page)); };
    sink.end_list = [this, of](const std::string&) { cache_.end(of); };
    sink.synced = [kind] { base::log::debug("listed", {{"kind", kind}}); };
    sink.item = [this, of, told](std::string_view type, std::string_view object) { told(cache_.apply(of, type, object)); };
    sink.failed = [kind](const base::Error& error) {
      base::log::warn("watch failed", {{"kind", kind}, {"error", error.what}});
    };
    wire::Reflector(
        api_, of, std::move(sink),
        {clock_, random_fraction, [](base::Millis time, const std::stop_token& end) { return wait_for(time, end); }})
        .run(stop);
  }

  // A broken file leaves the last good configuration in force.
  void reload() {
    auto next = read_config(flags_.config_file, has_file_);
    if (!next) {
      if (std::exchange(refused_, next.error().what) == next.error().what) return;  // said once
      base::log::error("configuration refused, the last good one stays", {{"error", next.error().what}});
      return;
    }
    refused_.clear();
    has_file_ = has_file_ || std::filesystem::exists(flags_.config_file);
    const bool changed = config_.with([&](Config& config) {
      const bool other = config != *next;
      config = *next;
      return other;
    });
    if (!changed) return;
    base::log::info("configuration changed",
                    {{"file", flags_.config_file}, {"killSwitch", next->kill_switch ? "true" : "false"}});
    touch_all();
  }

  void observe(std::string_view result, base::Millis took) {
    if (result == "panic")
      metrics_.work().panicked();
    else
      metrics_.reconciled(result, took);
  }

  Answer scrape() {
    const auto busy = workers_.busy();
    metrics_.work().busy(busy.active, busy.sum, busy.longest);
    metrics_.queued(queue_.depth());
    return {200, metrics_.scrape()};
  }
  Answer ready() const { return cache_.synced() ? Answer{200, "ok\n"} : Answer{503, "the caches are being filled\n"}; }

  const Flags flags_;
  const base::Clock& clock_;
  const Transports transports_;
  base::Guarded<Config> config_;
  record::Metrics metrics_;
  WorkQueue queue_;
  wire::ApiClient api_;
  wire::ApiClient lease_api_;
  wire::Lease lease_;
  wire::FencedApi fenced_;
  observe::Cache cache_;
  WriteThrough writes_;
  observe::KubeletSource kubelets_;
  observe::NoSource no_kubelets_;
  observe::Collector collector_;
  observe::Observer observer_;
  act::Actor actor_;
  record::Recorder recorder_;
  Reconciler reconciler_;
  Workers workers_;
  bool has_file_ = false;  // the configuration file was there once; only run()'s thread
  std::string refused_;    // the last complaint about the configuration; only run()'s thread
  std::vector<std::unique_ptr<Server>> servers_;
};

}  // namespace

Result<std::unique_ptr<Operator>> Operator::make(const Flags& flags, const wire::Endpoint& endpoint,
                                                 const std::string& identity, const base::Clock& clock) {
  auto config = read_config(flags.config_file, flags.config_is_given);
  if (!config) return tl::unexpected(config.error());
  auto transports = open(endpoint, *config);
  if (!transports) return tl::unexpected(transports.error());
  auto process = std::make_unique<Process>(flags, endpoint, identity, clock, *config, std::move(*transports));
  if (auto ok = process->listen(); !ok) return tl::unexpected(ok.error());
  return process;
}

}  // namespace run
