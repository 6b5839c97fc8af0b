// The server of probes and metrics: one that connects and says nothing is in nobody's way.
#include "run/server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

class Client {
 public:
  explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::string ask() const {  // everything until the server hangs up
    const std::string request = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
    EXPECT_EQ(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
    std::string all;
    char buffer[4096];
    for (ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0); got > 0; got = ::recv(socket_, buffer, sizeof buffer, 0))
      all.append(buffer, static_cast<std::size_t>(got));
    return all;
  }

 private:
  const int socket_;
};

std::unique_ptr<run::Server> healthy() {
  return std::move(run::Server::start("127.0.0.1:0", {{"/healthz", [] { return run::Answer{200, "ok\n"}; }}}).value());
}

TEST(Server, AnswersBesideThoseThatSayNothing) {
  const auto server = healthy();
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 16; ++i) silent.push_back(std::make_unique<Client>(server->port()));
  EXPECT_THAT(Client(server->port()).ask(), testing::HasSubstr("200 OK"));
}

TEST(Server, HangsUpAfterItsAnswer) {  // a connection that is kept would keep a thread
  const auto server = healthy();
  EXPECT_THAT(Client(server->port()).ask(), testing::EndsWith("ok\n"));
}

TEST(Server, RefusesAPortThatIsInUse) {
  const auto server = healthy();
  const auto second = run::Server::start("127.0.0.1:" + std::to_string(server->port()), {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().what, testing::HasSubstr("is the port in use?"));
}

}  // namespace
