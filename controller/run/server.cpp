#include "run/server.hpp"

#include <charconv>
#include <thread>

#include <fmt/format.h>
#include <httplib.h>

namespace run {
namespace {

// One thread serves one connection. A connection is one request, and one that says nothing is given up soon: so those that are
// opened and left cannot keep a probe from being answered for long.
constexpr int kThreads = 32;
constexpr time_t kSeconds = 1;

void bound(httplib::Server& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_read_timeout(kSeconds);
  server.set_write_timeout(kSeconds);
  server.set_idle_interval(kSeconds);
  server.set_keep_alive_max_count(1);
  server.set_payload_max_length(1024);
  // httplib would share the port with whoever listens there already.
  server.set_socket_options([](socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
}

}  // namespace

struct Server::Inside {
  httplib::Server server;
  int port = 0;
  std::thread thread;
};

base::Result<std::unique_ptr<Server>> Server::start(const std::string& address, Routes routes) {
  const auto colon = address.rfind(':');
  int port = -1;
  if (colon != std::string::npos) std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  if (port < 0 || port > 65535)
    return base::fail(base::Fault::Invalid, fmt::format("{} is not an address: write host:port", address));
  auto inside = std::make_unique<Inside>();
  bound(inside->server);
  for (auto& [path, make] : routes) {
    inside->server.Get(path, [make = std::move(make)](const httplib::Request&, httplib::Response& response) {
      const Answer answer = make();
      response.status = answer.status;
      response.set_content(answer.body, answer.content_type);
    });
  }
  const std::string host = address.substr(0, colon);
  inside->port = port == 0 ? inside->server.bind_to_any_port(host) : (inside->server.bind_to_port(host, port) ? port : -1);
  if (inside->port < 0)
    return base::fail(base::Fault::Invalid, fmt::format("cannot listen on {}: is the port in use?", address));
  inside->thread = std::thread([raw = inside.get()] { raw->server.listen_after_bind(); });
  while (!inside->server.is_running()) std::this_thread::yield();  // a stop() before that would be missed
  return std::unique_ptr<Server>(new Server(std::move(inside)));
}

Server::Server(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Server::~Server() {
  inside_->server.stop();
  inside_->thread.join();
}
int Server::port() const { return inside_->port; }

}  // namespace run
