// Where the API server is, how we prove who we are, and whom we trust: from a kubeconfig or from a pod's ServiceAccount mount.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "wire/http.hpp"

namespace wire {

// A small text that other programs replace: read again when it is older than a minute or was refused. While the file is
// missing, empty or unreadable the last good text stays in force. Safe from every thread.
class RotatingFile {
 public:
  static constexpr base::Millis kMaxAge{60'000};

  // Fault::Invalid if it cannot be read now. The clock must outlive it.
  [[nodiscard]] static Result<std::shared_ptr<RotatingFile>> open(std::string path, const base::Clock& clock);

  [[nodiscard]] std::string text();
  void refused();  // the next text() reads the file, however young

  RotatingFile(std::string path, const base::Clock& clock, std::string text);

 private:
  struct Seen {
    std::string text;
    base::Millis at;
    bool refused = false;
  };
  const std::string path_;
  const base::Clock& clock_;
  base::Guarded<Seen> seen_;
};

struct Endpoint {
  std::string server;                     // https://host:port, without a trailing slash
  std::function<TlsIdentity()> identity;  // for make_cpprest_http
  std::function<std::string()> token;     // a bearer token; "" when a client certificate does the job
  std::function<void()> reload;           // what was shown was refused: read the files again at the next use
  std::string default_namespace;          // of the context, or of the pod
};

// `context` "" means current-context. Fault::Invalid names the file, what in it cannot be used, and what to do: plugins (exec,
// auth-provider), passwords, impersonation, proxies, plain http and insecure-skip-tls-verify are refused, never ignored.
[[nodiscard]] Result<Endpoint> endpoint_from_kubeconfig(const std::string& path, const std::string& context,
                                                        const base::Clock& clock);

struct InCluster {
  std::string host;  // KUBERNETES_SERVICE_HOST
  std::string port;  // KUBERNETES_SERVICE_PORT
  std::string mount = "/var/run/secrets/kubernetes.io/serviceaccount";
};
[[nodiscard]] Result<Endpoint> endpoint_in_cluster(const InCluster& where, const base::Clock& clock);

}  // namespace wire
