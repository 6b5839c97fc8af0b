// Http::stream against a server that misbehaves.
#include <atomic>

#include "wire/support.hpp"

namespace wire::test {
namespace {

using testing::ElementsAre;

// Keeps what a stream delivered, in order.
struct Heard {
  std::vector<std::string> order;  // "status 200", then the pieces
  std::string body;
  std::size_t enough = std::string::npos;  // ends the stream at this many bytes

  StreamSink sink() {
    return {[this](int status, const Headers&) {
              order.push_back("status " + std::to_string(status));
              return true;
            },
            [this](std::string_view bytes) {
              order.emplace_back(bytes);
              body += bytes;
              return body.size() < enough;
            }};
  }
};

Request watching(const FaultServer& server, Millis silence = 10s) {
  auto wanted = request("GET", server.url("/watch"));
  wanted.timeout = silence;
  return wanted;
}

TEST(Stream, EndsWhenTheServerEndsIt) {
  const FaultServer server(always(chunked_head() + chunk("one\n") + chunk("two\n") + std::string(kLastChunk)));
  Heard heard;
  const auto end = http_client()->stream(watching(server), heard.sink(), {});
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_EQ(*end, StreamEnd::Closed);
  EXPECT_EQ(heard.body, "one\ntwo\n");
}

// cpprest may hand over the first bytes before it says the status: a refusal's body must never be taken for events.
TEST(Stream, TellsTheStatusBeforeTheFirstByte) {
  const FaultServer server([](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head(410) + chunk(R"({"kind":"Status","code":410})") + std::string(kLastChunk));
    peer.wait_for_hang_up();
  });
  const auto http = http_client();
  for (int i = 0; i < 100; ++i) {
    Heard heard;
    ASSERT_TRUE(http->stream(watching(server), heard.sink(), {}));
    ASSERT_THAT(heard.order, ElementsAre("status 410", R"({"kind":"Status","code":410})"));
  }
}

TEST(Stream, DeliversEachEventAsItComes) {
  Latch got_first;
  std::atomic<bool> in_time = false;
  const FaultServer server([&](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head() + chunk("small event\n"));
    in_time = got_first.wait(5s);
    peer.write(std::string(kLastChunk));
    peer.wait_for_hang_up();
  });
  const StreamSink sink{[](int, const Headers&) { return true; },
                        [&](std::string_view) {
                          got_first.open();
                          return true;
                        }};
  ASSERT_TRUE(http_client()->stream(watching(server), sink, {}));
  EXPECT_TRUE(in_time);
}

TEST(Stream, EndsIdleAfterSilenceOnly) {
  const FaultServer server([](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head());
    for (int i = 0; i < 10; ++i) {
      peer.write(chunk("x"));
      peer.pause(100ms);
    }
    peer.wait_for_hang_up();
  });
  Heard heard;
  const Stopwatch watch;
  const auto end = http_client()->stream(watching(server, 500ms), heard.sink(), {});
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_EQ(*end, StreamEnd::Idle);
  EXPECT_EQ(heard.body, "xxxxxxxxxx");
  EXPECT_GE(watch.elapsed(), 1300ms);
}

TEST(Stream, WithoutAnAnswerIsAnError) {
  const FaultServer server([](Peer& peer, int) { peer.wait_for_hang_up(); });
  Heard heard;
  EXPECT_THAT(http_client()->stream(watching(server, 200ms), heard.sink(), {}), Fails(Fault::Unavailable));
  EXPECT_TRUE(heard.order.empty());
}

TEST(Stream, StopsWithinASecondAndHangsUp) {
  Latch gone;
  Latch begun;
  const FaultServer server([&](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head() + chunk("x"));
    peer.wait_for_hang_up();
    gone.open();
  });
  std::stop_source stop;
  const std::jthread stopper([&] {
    if (begun.wait()) stop.request_stop();
  });
  const StreamSink sink{[](int, const Headers&) { return true; },
                        [&](std::string_view) {
                          begun.open();
                          return true;
                        }};
  const Stopwatch watch;
  const auto end = http_client()->stream(watching(server), sink, stop.get_token());
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_EQ(*end, StreamEnd::Stopped);
  EXPECT_LT(watch.elapsed(), 1s);
  EXPECT_TRUE(gone.wait());
}

TEST(Stream, EndsWhenTheSinkHasEnough) {
  Latch gone;
  const FaultServer server([&](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head());
    while (peer.write(chunk("abc")) && peer.pause(1ms)) {
    }
    gone.open();
  });
  Heard heard;
  heard.enough = 30;
  const auto end = http_client()->stream(watching(server), heard.sink(), {});
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_EQ(*end, StreamEnd::Stopped);
  EXPECT_TRUE(gone.wait());
}

TEST(Stream, DeliversWhatCameBeforeAReset) {
  const FaultServer server([](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head() + chunk("whole\n"));
    peer.pause(20ms);  // a reset throws away what its receiver has not read yet
    peer.write("ff\r\nbegun");
    peer.reset();
  });
  Heard heard;
  EXPECT_THAT(http_client()->stream(watching(server), heard.sink(), {}), Fails(Fault::Unavailable));
  EXPECT_EQ(heard.body, "whole\n");
}

TEST(Stream, ASlowReaderSlowsTheServerDown) {
  constexpr std::size_t kTotal = 200u << 20;
  const std::string piece(64u << 10, 'x');
  std::atomic<std::size_t> sent{0};
  const FaultServer server([&](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head());
    const auto one = chunk(piece);
    for (std::size_t total = 0; total < kTotal; total += piece.size()) {
      if (!peer.write(one)) return;
      sent += piece.size();
    }
    peer.write(std::string(kLastChunk));
    peer.wait_for_hang_up();
  });
  std::size_t received = 0;
  std::size_t widest_gap = 0;
  const StreamSink sink{[](int, const Headers&) { return true; },
                        [&](std::string_view bytes) {
                          received += bytes.size();
                          std::this_thread::yield();
                          widest_gap = std::max(widest_gap, sent - std::min<std::size_t>(sent, received));
                          return true;
                        }};
  const auto end = http_client()->stream(watching(server), sink, {});
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_EQ(received, kTotal);
  EXPECT_LT(widest_gap, 40u << 20);
}

TEST(Stream, RefusesAPieceAboveTheLimit) {
  const FaultServer server(always(chunked_head() + chunk(std::string(100'000, 'x')) + std::string(kLastChunk)));
  auto wanted = watching(server);
  wanted.max_body = 50'000;
  Heard heard;
  EXPECT_THAT(http_client()->stream(wanted, heard.sink(), {}), FailsWith(Fault::Unavailable, "longer than 50000 bytes"));
  EXPECT_TRUE(heard.body.empty());
}

TEST(Stream, HasAConnectionOfItsOwn) {
  const FaultServer server(always(answer(200, "{}")));
  const auto http = http_client();
  Heard heard;
  ASSERT_TRUE(http->send(request("GET", server.url()), {}));
  ASSERT_TRUE(http->stream(watching(server), heard.sink(), {}));
  ASSERT_TRUE(http->send(request("GET", server.url()), {}));
  EXPECT_EQ(server.connections(), 2);
}

}  // namespace
}  // namespace wire::test
