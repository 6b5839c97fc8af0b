// The three paths that others ask us: /healthz, /readyz, /metrics. Connections, time and sizes are bounded, so that nobody who
// can reach the port can hold the process up. Thread rule: answers run on the server's own threads and must be safe there.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace run {

struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; version=0.0.4; charset=utf-8";
};
using Routes = std::map<std::string, std::function<Answer()>>;

class Server {
 public:
  // Listens on "host:port" until destroyed. Fault::Invalid if the address can't be used.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(const std::string& address, Routes routes);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  [[nodiscard]] int port() const;  // the one that was bound: differs from a port 0 that was asked for

 private:
  struct Inside;
  explicit Server(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace run
