// Kept connections that the server has closed meanwhile, and what must never happen on them: a lost or a doubled write.
#include "wire/support.hpp"

namespace wire::test {
namespace {

struct Way {
  const char* name;
  const char* method;
  const char* body;
  bool tls;
  bool reset;
};

class Stale : public testing::TestWithParam<Way> {};

// The first request is answered and its connection then closed. The second finds that out before anything is sent.
TEST_P(Stale, ConnectionDoesNotFailTheNextRequest) {
  const Way way = GetParam();
  const Authority authority("ca");
  Record record;
  Latch closed;
  const auto script = [&](Peer& peer, int connection) {
    record.add(peer.read_request());
    peer.write(answer(200, "{}"));
    if (connection > 0) return peer.wait_for_hang_up();
    way.reset ? peer.reset() : peer.hang_up();
    closed.open();
  };
  const FaultServer server(script, way.tls ? std::optional(ServerTls{here(authority)}) : std::nullopt);
  const auto http = http_client({authority.pem(), {}, {}});
  ASSERT_TRUE(http->send(request("GET", server.url()), {}));
  ASSERT_TRUE(closed.wait());
  // Without a body there is a single write, which the kernel takes: only a look before it tells that nobody will read it.
  const auto got = http->send(request(way.method, server.url("/second"), way.body), {});
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(record.all().size(), 2u);
  EXPECT_EQ(server.connections(), 2);
}
INSTANTIATE_TEST_SUITE_P(All, Stale,
                         testing::Values(Way{"get", "GET", "", false, false}, Way{"patch", "PATCH", "[]", false, false},
                                         Way{"post", "POST", "{}", false, false}, Way{"empty_post", "POST", "", false, false},
                                         Way{"patch_reset", "PATCH", "[]", false, true}, Way{"tls_get", "GET", "", true, false},
                                         Way{"tls_patch", "PATCH", "[]", true, false},
                                         Way{"tls_empty_post", "POST", "", true, false},
                                         Way{"tls_post_reset", "POST", "{}", true, true}),
                         [](const auto& info) { return info.param.name; });

TEST(Stale, SeveralKeptConnectionsCostOneFailureOfNone) {
  Latch all_in;
  std::atomic<int> waiting{0};
  Record record;
  std::atomic<int> closed{0};
  Latch all_closed;
  const FaultServer server([&](Peer& peer, int connection) {
    record.add(peer.read_request());
    if (connection < 3) {
      if (++waiting == 3) all_in.open();
      if (!all_in.wait()) return;
    }
    peer.write(answer(200, "{}"));
    if (connection >= 3) return always(answer(200, "{}"))(peer, connection);
    peer.hang_up();
    if (++closed == 3) all_closed.open();
  });
  const auto http = http_client();
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 3; ++i) {
      callers.emplace_back([&] { EXPECT_TRUE(http->send(request("GET", server.url()), {})); });
    }
  }
  ASSERT_TRUE(all_closed.wait());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(http->send(request("PATCH", server.url(), "[]"), {}));
  EXPECT_EQ(record.count("PATCH"), 1);  // the other two went over the connection of the first
  EXPECT_EQ(server.connections(), 4);
}

// The server has taken the write and dies before it answers: only the caller can know what to do about that.
TEST(Stale, WriteThatTheServerTookIsNeverSentTwice) {
  for (const bool reset : {false, true}) {
    Record record;
    const FaultServer server([&](Peer& peer, int) {
      record.add(peer.read_request());
      peer.write(answer(200, "{}"));
      const auto second = peer.read_request();
      if (!second.empty()) record.add(second);
      reset ? peer.reset() : peer.hang_up();
    });
    const auto http = http_client();
    ASSERT_TRUE(http->send(request("GET", server.url()), {}));
    EXPECT_THAT(http->send(request("PATCH", server.url(), "[]"), {}), Fails(Fault::Unavailable));
    ASSERT_EQ(record.count("PATCH"), 1);
    EXPECT_TRUE(record.all().back().ends_with("\r\n\r\n[]"));
    EXPECT_EQ(server.connections(), 1);
  }
}

TEST(Stale, EmptyWriteThatTheServerTookIsNeverSentTwiceEither) {
  Record record;
  const FaultServer server([&](Peer& peer, int) {
    record.add(peer.read_request());
    peer.write(answer(200, "{}"));
    record.add(peer.read_request());
    peer.hang_up();
  });
  const auto http = http_client();
  ASSERT_TRUE(http->send(request("GET", server.url()), {}));
  EXPECT_THAT(http->send(request("POST", server.url()), {}), Fails(Fault::Unavailable));
  EXPECT_EQ(record.count("POST"), 1);
}

TEST(Stale, AfterAFailureTheNextRequestHasAFreshConnection) {
  const FaultServer server([](Peer& peer, int connection) {
    while (!peer.read_request().empty()) {
      if (connection == 0) return peer.reset();
      peer.write(answer(200, "{}"));
    }
  });
  const auto http = http_client();
  EXPECT_THAT(http->send(request("PATCH", server.url(), "[]"), {}), Fails(Fault::Unavailable));
  EXPECT_TRUE(http->send(request("PATCH", server.url(), "[]"), {}));
  EXPECT_TRUE(http->send(request("PATCH", server.url(), "[]"), {}));
  EXPECT_EQ(server.connections(), 2);
}

}  // namespace
}  // namespace wire::test
