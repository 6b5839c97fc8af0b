#include "wire/credentials.hpp"

#include <fstream>
#include <sstream>

#include "base/log.hpp"

namespace wire {
namespace {

using base::Fault;

constexpr std::streamsize kLongestFile = 1 << 20;

// Tokens are kept with a newline behind them as often as without.
std::string trimmed(std::string text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  return text;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::fail(Fault::Invalid, path + ": cannot be read");
  std::string text(kLongestFile + 1, '\0');
  file.read(text.data(), kLongestFile + 1);
  if (file.gcount() > kLongestFile) return base::fail(Fault::Invalid, path + ": is longer than 1 MiB");
  text.resize(static_cast<std::size_t>(file.gcount()));
  text = trimmed(std::move(text));
  if (text.empty()) return base::fail(Fault::Invalid, path + ": is empty");
  return text;
}

}  // namespace

RotatingFile::RotatingFile(std::string path, const base::Clock& clock, std::string text)
    : path_(std::move(path)), clock_(clock), seen_(Seen{std::move(text), clock.boot()}) {}

Result<std::shared_ptr<RotatingFile>> RotatingFile::open(std::string path, const base::Clock& clock) {
  auto text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return std::make_shared<RotatingFile>(std::move(path), clock, std::move(*text));
}

std::string RotatingFile::text() {
  return seen_.with([this](Seen& seen) {
    if (!seen.refused && clock_.boot() - seen.at < kMaxAge) return seen.text;
    seen.refused = false;
    seen.at = clock_.boot();
    auto now = read_file(path_);
    if (now) {
      seen.text = std::move(*now);
    } else {
      base::log::warn("credentials file unreadable, keeping what was read before", {{"why", now.error().what}});
    }
    return seen.text;
  });
}

void RotatingFile::refused() {
  seen_.with([](Seen& seen) { seen.refused = true; });
}

Result<Endpoint> endpoint_in_cluster(const InCluster& where, const base::Clock& clock) {
  if (where.host.empty() || where.port.empty()) {
    return base::fail(Fault::Invalid,
                      "not in a pod: KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set; outside of a "
                      "cluster give a kubeconfig");
  }
  // The HTTP client takes no IPv6 literal; this name is in the API server's certificate, and DNS knows it.
  const bool literal_v6 = where.host.find(':') != std::string::npos;
  const auto token = RotatingFile::open(where.mount + "/token", clock);
  if (!token) return tl::unexpected(token.error());
  const auto ca = RotatingFile::open(where.mount + "/ca.crt", clock);
  if (!ca) return tl::unexpected(ca.error());
  auto ns = read_file(where.mount + "/namespace");
  if (!ns) return tl::unexpected(ns.error());

  Endpoint endpoint;
  endpoint.server = "https://" + (literal_v6 ? "kubernetes.default.svc" : where.host) + ":" + where.port;
  endpoint.identity = [ca = *ca] { return TlsIdentity{ca->text(), {}, {}}; };
  endpoint.token = [token = *token] { return token->text(); };
  endpoint.reload = [ca = *ca, token = *token] {
    ca->refused();
    token->refused();
  };
  endpoint.default_namespace = std::move(*ns);
  return endpoint;
}

}  // namespace wire
