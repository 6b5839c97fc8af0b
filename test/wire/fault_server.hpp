// A server that misbehaves as told: raw sockets, TLS if wished, a script for each connection. Nothing of HTTP is done for the
// script but reading a request.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "wire/certificates.hpp"

namespace wire::test {

using Millis = std::chrono::milliseconds;

struct ServerTls {
  Pem identity;
  bool only_tls_1_1 = false;
};

// One accepted connection; used by its script only. Every wait ends when the client hangs up or the server is destroyed.
class Peer {
 public:
  Peer(int socket, const std::optional<ServerTls>& tls);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Head and body (by Content-Length) of the next request; "" when the client has gone.
  [[nodiscard]] std::string read_request();
  // False when the client does not take it.
  bool write(std::string_view bytes);
  // Byte by byte, with a pause behind each.
  bool drip(std::string_view bytes, Millis pause);
  // False when the client hung up meanwhile.
  bool pause(Millis time) const;
  void wait_for_hang_up() const;
  void hang_up();  // FIN, after a farewell on TLS
  void reset();    // RST

  [[nodiscard]] const std::string& client() const { return client_; }  // common name of its certificate
  [[nodiscard]] std::size_t written() const { return written_; }
  void shut_down() const;  // from another thread: ends every wait

 private:
  [[nodiscard]] long read_some(char* into, std::size_t size);

  int socket_;
  void* context_ = nullptr;  // SSL_CTX
  void* ssl_ = nullptr;      // SSL
  bool open_ = true;
  std::string client_;
  std::string ahead_;
  std::size_t written_ = 0;
};

class FaultServer {
 public:
  using Script = std::function<void(Peer& peer, int connection)>;  // connections count from 0

  explicit FaultServer(Script script, std::optional<ServerTls> tls = std::nullopt);
  ~FaultServer();

  [[nodiscard]] std::string url(const std::string& path = "/", const std::string& host = "127.0.0.1") const;
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept();
  void serve(int socket, int number);

  const Script script_;
  const std::optional<ServerTls> tls_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<Peer*> peers_;
  std::vector<std::jthread> threads_;
  bool closing_ = false;
  std::jthread acceptor_;
};

// Answers as a correct server would.
[[nodiscard]] std::string answer(int status, const std::string& body, const std::string& headers = "");
[[nodiscard]] std::string chunked_head(int status = 200);
[[nodiscard]] std::string chunk(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// A script that answers every request with `text`.
[[nodiscard]] FaultServer::Script always(std::string text);

}  // namespace wire::test
