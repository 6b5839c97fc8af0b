// Answers that are too large. The transport holds headers and whole chunks in memory, so what counts is how much a server
// could make it take.
#include "wire/support.hpp"

namespace wire::test {
namespace {

constexpr std::size_t kMost = 400u << 20;  // far above the limits, far below what the servers below would send

// Sends `head` and then `piece` until the client has gone; returns what could be sent.
std::size_t poured(const std::string& head, const std::string& piece, std::size_t max_body) {
  std::atomic<std::size_t> sent{0};
  Latch done;
  const FaultServer server([&](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(head);
    while (peer.written() < 2 * kMost && peer.write(piece)) {
    }
    sent = peer.written();
    done.open();
  });
  auto wanted = request("GET", server.url());
  wanted.max_body = max_body;
  const auto got = http_client()->send(wanted, {});
  EXPECT_THAT(got, Fails(Fault::Unavailable));
  EXPECT_TRUE(done.wait());
  return sent;
}

TEST(Limits, BodyUpToTheLimitIsTaken) {
  const std::string body(1u << 20, 'x');
  const FaultServer server(always(chunked_head() + chunk(body) + std::string(kLastChunk)));
  const auto http = http_client();
  auto wanted = request("GET", server.url());
  wanted.max_body = body.size();
  EXPECT_TRUE(http->send(wanted, {}));
  wanted.max_body = body.size() - 1;
  EXPECT_THAT(http->send(wanted, {}), Fails(Fault::Unavailable));
}

TEST(Limits, ManyChunks) { EXPECT_LT(poured(chunked_head(), chunk(std::string(100'000, 'x')), 1u << 20), kMost); }

TEST(Limits, LongBody) {
  EXPECT_LT(poured("HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n", std::string(100'000, 'x'), 1u << 20), kMost);
}

TEST(Limits, OneChunkOfTwoGigabytes) {
  EXPECT_LT(poured(chunked_head() + "7fffff00\r\n", std::string(1u << 20, 'x'), 1u << 20), kMost);
}

TEST(Limits, HeadersWithoutEnd) {
  EXPECT_LT(poured("HTTP/1.1 200 OK\r\n", "X-More: " + std::string(100'000, 'x') + "\r\n", 1u << 20), kMost);
}

TEST(Limits, HeadersThatAreLongButEnd) {
  const FaultServer server(always(answer(200, "{}", "X-More: " + std::string(100'000, 'x') + "\r\n")));
  EXPECT_THAT(http_client()->send(request("GET", server.url()), {}), FailsWith(Fault::Unavailable, "headers"));
}

}  // namespace
}  // namespace wire::test
