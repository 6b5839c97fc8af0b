// Http::send against a server that misbehaves.
#include "wire/support.hpp"

namespace wire::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Send, AsksExactlyWhatItWasToldAndNothingElse) {
  Record record;
  const FaultServer server([&](Peer& peer, int) {
    record.add(peer.read_request());
    peer.write(answer(404, R"({"kind":"Status"})", "X-Thing: a\r\n"));
  });
  auto wanted = request("GET", server.url("/api/v1/namespaces/a%2Fb/pods?labelSelector=a%3Db%2Cc%21%3Dd&limit=5"));
  wanted.headers["authorization"] = "Bearer t";
  const auto got = http_client()->send(wanted, {});
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 404);
  EXPECT_EQ(got->headers.at("x-thing"), "a");
  EXPECT_EQ(got->body, R"({"kind":"Status"})");
  ASSERT_EQ(record.all().size(), 1u);
  const auto seen = record.all().front();
  EXPECT_TRUE(seen.starts_with("GET /api/v1/namespaces/a%2Fb/pods?labelSelector=a%3Db%2Cc%21%3Dd&limit=5 HTTP/1.1\r\n"))
      << seen;
  EXPECT_THAT(seen, HasSubstr("Bearer t"));
  EXPECT_THAT(seen, Not(HasSubstr("gzip")));
  EXPECT_THAT(seen, Not(HasSubstr("Encoding")));
}

TEST(Send, KeepsOneConnectionForRequestsInARow) {
  const FaultServer server(always(answer(200, "{}")));
  const auto http = http_client();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(http->send(request("PATCH", server.url(), "[]"), {}));
  EXPECT_EQ(server.connections(), 1);
}

TEST(Send, KeepsOneConnectionForChunkedAnswersToo) {
  const FaultServer server(always(chunked_head() + chunk("abc") + chunk("def") + std::string(kLastChunk)));
  const auto http = http_client();
  for (int i = 0; i < 20; ++i) {
    const auto got = http->send(request("GET", server.url()), {});
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->body, "abcdef");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(Send, ReadsAnAnswerThatComesByteByByte) {
  const FaultServer server([](Peer& peer, int) {
    (void)peer.read_request();
    peer.drip(chunked_head() + chunk("gr\xc3\xbc\xc3\x9f") + std::string(kLastChunk), 1ms);
    peer.wait_for_hang_up();
  });
  const auto got = http_client()->send(request("GET", server.url()), {});
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body, "gr\xc3\xbc\xc3\x9f");
}

TEST(Send, ReadsABodyThatEndsWithTheConnection) {
  const FaultServer server([](Peer& peer, int) {
    (void)peer.read_request();
    peer.write("HTTP/1.0 200 OK\r\n\r\nhello");
    peer.hang_up();
  });
  const auto got = http_client()->send(request("GET", server.url()), {});
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body, "hello");
}

TEST(Send, EndsAtItsDeadlineThoughBytesKeepComing) {
  const FaultServer server([](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head());
    while (peer.write(chunk("x")) && peer.pause(5ms)) {
    }
  });
  auto wanted = request("GET", server.url());
  wanted.timeout = 300ms;
  const Stopwatch watch;
  EXPECT_THAT(http_client()->send(wanted, {}), FailsWith(Fault::Unavailable, "within 300 ms"));
  EXPECT_LT(watch.elapsed(), 3s);
}

TEST(Send, EndsAtItsDeadlineWhenThePeerIsSilent) {
  const FaultServer server([](Peer& peer, int) { peer.wait_for_hang_up(); });
  auto wanted = request("PATCH", server.url(), "[]");
  wanted.timeout = 200ms;
  EXPECT_THAT(http_client()->send(wanted, {}), FailsWith(Fault::Unavailable, "within 200 ms"));
}

TEST(Send, StopsWithinASecondAndHangsUp) {
  Latch asked;
  Latch gone;
  const FaultServer server([&](Peer& peer, int) {
    (void)peer.read_request();
    asked.open();
    peer.wait_for_hang_up();
    gone.open();
  });
  const auto http = http_client();
  std::stop_source stop;
  const std::jthread stopper([&] {
    if (asked.wait()) stop.request_stop();
  });
  const Stopwatch watch;
  EXPECT_THAT(http->send(request("GET", server.url()), stop.get_token()), FailsWith(Fault::Unavailable, "stopped"));
  EXPECT_LT(watch.elapsed(), 1s);
  EXPECT_TRUE(gone.wait());
}

struct Broken {
  const char* name;
  const char* answer;
};
class BrokenAnswer : public testing::TestWithParam<Broken> {};

// None of these may crash, hang or count as an answer.
TEST_P(BrokenAnswer, IsNoAnswer) {
  const FaultServer server([](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(GetParam().answer);
    peer.hang_up();
  });
  const Stopwatch watch;
  EXPECT_THAT(http_client()->send(request("PATCH", server.url(), "[]"), {}), Fails(Fault::Unavailable));
  EXPECT_LT(watch.elapsed(), 5s);
}
INSTANTIATE_TEST_SUITE_P(
    Send, BrokenAnswer,
    testing::Values(Broken{"nothing", ""}, Broken{"not_http", "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
                    Broken{"half_a_head", "HTTP/1.1 200 OK\r\nContent-"},
                    Broken{"short_body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123"},
                    Broken{"short_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n123"},
                    Broken{"no_last_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n"},
                    Broken{"negative_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n1\r\n"},
                    Broken{"word_as_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n1\r\n"},
                    Broken{"interim", "HTTP/1.1 102 Processing\r\n\r\n"},
                    Broken{"gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"}),
    [](const auto& info) { return info.param.name; });

TEST(Send, TellsAResetInTheMiddleOfAChunk) {
  const FaultServer server([](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head() + "ff\r\nbegun");
    peer.reset();
  });
  EXPECT_THAT(http_client()->send(request("GET", server.url()), {}), Fails(Fault::Unavailable));
}

TEST(Send, TellsAServerThatDiesWhileItIsBeingSentABody) {
  const FaultServer server([](Peer& peer, int) {
    peer.pause(1ms);
    peer.reset();
  });
  const auto http = http_client();
  const std::string body(32u << 20, 'x');
  for (int i = 0; i < 5; ++i) EXPECT_THAT(http->send(request("POST", server.url(), body), {}), Fails(Fault::Unavailable));
}

TEST(Send, FollowsNoRedirect) {
  const FaultServer other(always(answer(200, "stolen")));
  const FaultServer server(always(answer(302, "", "Location: " + other.url() + "\r\n")));
  auto wanted = request("GET", server.url());
  wanted.headers["authorization"] = "Bearer secret";
  const auto got = http_client()->send(wanted, {});
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 302);
  EXPECT_EQ(other.connections(), 0);
}

TEST(Send, TellsAnUnreachablePort) {
  std::string url;
  {
    const FaultServer gone(always(answer(200, "")));
    url = gone.url();
  }
  EXPECT_THAT(http_client()->send(request("GET", url), {}), FailsWith(Fault::Unavailable, "connect"));
}

TEST(Send, RefusesWhatItCannotSend) {
  const auto http = http_client();
  EXPECT_THAT(http->send(request("GET", "https://[::1]:6443/"), {}), FailsWith(Fault::Invalid, "IPv6"));
  EXPECT_THAT(http->send(request("GET", "http://user:secret@127.0.0.1/"), {}), Fails(Fault::Invalid));
  EXPECT_THAT(http->send(request("GET", "file:///etc/passwd"), {}), Fails(Fault::Invalid));
  EXPECT_THAT(http->send(request("GET", "127.0.0.1"), {}), Fails(Fault::Invalid));
  EXPECT_THAT(http->send(request("GET", "http://127.0.0.1/a b\nc"), {}), Fails(Fault::Invalid));
  auto injected = request("GET", "http://127.0.0.1/");
  injected.headers["authorization"] = "Bearer a\r\nX-Other: b";
  EXPECT_THAT(http->send(injected, {}), FailsWith(Fault::Invalid, "authorization"));
  auto host = request("GET", "http://127.0.0.1/");
  host.headers["host"] = "elsewhere";
  EXPECT_THAT(http->send(host, {}), FailsWith(Fault::Invalid, "Host"));
}

// cpprest rethrows on its own thread what nobody looked at, and the process is gone.
TEST(Send, SurvivesManyFailuresAtOnce) {
  const FaultServer server([](Peer& peer, int connection) {
    if (connection % 4 == 0) return peer.reset();
    (void)peer.read_request();
    if (connection % 4 == 1) return peer.hang_up();
    peer.write(chunked_head() + "ff\r\nbegun");
    if (connection % 4 == 2) return peer.reset();
    peer.wait_for_hang_up();
  });
  const auto http = http_client();
  std::atomic<int> failed{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] {
        for (int n = 0; n < 16; ++n) {
          auto wanted = request(n % 2 ? "GET" : "PATCH", server.url(), n % 2 ? "" : "[]");
          wanted.timeout = 100ms;
          if (!http->send(wanted, {})) ++failed;
        }
      });
    }
  }
  EXPECT_EQ(failed, 8 * 16);
}

}  // namespace
}  // namespace wire::test
