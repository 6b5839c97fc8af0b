// The whole client, from wire::Api down to the socket.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "fake/temp_path.hpp"
#include "wire/api_client.hpp"
#include "wire/reflector.hpp"
#include "wire/support.hpp"

namespace wire::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Collection kShopPods{kPods, "shop"};

// An ApiClient for a server without TLS; its token is what `token` says.
struct Client {
  explicit Client(
      const FaultServer& server, std::function<std::string()> token = [] { return std::string("t"); },
      std::function<void()> reload = [] {})
      : api(*http, Endpoint{server.url(""), [] { return TlsIdentity{}; }, std::move(token), std::move(reload), "default"},
            clock, ApiOptions{"1.2.3", {}}) {}

  base::SystemClock clock;
  std::unique_ptr<Http> http = http_client();
  ApiClient api;
};

std::string event(const std::string& type, const std::string& name, int version) {
  return R"({"type":")" + type + R"(","object":{"kind":"Pod","metadata":{"name":")" + name + R"(","resourceVersion":")" +
         std::to_string(version) + R"("}}})" + "\n";
}

std::vector<std::string> watched(const FaultServer& server, Result<void>* how = nullptr) {
  Client client(server);
  std::vector<std::string> lines;
  auto done = client.api.watch(kShopPods, {"1", 300},
                               [&](std::string_view line) {
                                 lines.emplace_back(line);
                                 return true;
                               },
                               {});
  if (how) *how = done;
  return lines;
}

FaultServer streaming(std::string body_of_chunks) {
  return FaultServer([body = std::move(body_of_chunks)](Peer& peer, int) {
    (void)peer.read_request();
    peer.write(chunked_head() + body + std::string(kLastChunk));
    peer.wait_for_hang_up();
  });
}

TEST(Watch, PutsEventsTogetherWhereverTheyWereCut) {
  const std::string first = R"({"type":"ADDED","object":{"metadata":{"name":"gr)"
                            "\xc3\xbc\xc3\x9f"
                            R"("}}})";
  const std::string second = R"({"type":"DELETED","object":{}})";
  const std::string all = first + "\n" + second + "\r\n";
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    std::string chunks;
    if (cut > 0) chunks += chunk(all.substr(0, cut));
    if (cut < all.size()) chunks += chunk(all.substr(cut));
    ASSERT_THAT(watched(streaming(chunks)), ElementsAre(first, second)) << "cut at " << cut;
  }
}

TEST(Watch, TakesManyEventsInOneChunkAndOneOfThreeMegabytes) {
  const std::string big(3u << 20, 'x');
  EXPECT_THAT(watched(streaming(chunk("a\nb\nc\n") + chunk(big + "\nd\n"))), ElementsAre("a", "b", "c", big, "d"));
}

TEST(Watch, EndsAtALineThatNoObjectCanHave) {
  Result<void> how;
  const std::string piece(1u << 20, 'x');
  std::string chunks;
  for (int i = 0; i < 9; ++i) chunks += chunk(piece);
  EXPECT_TRUE(watched(streaming(chunks), &how).empty());
  EXPECT_THAT(how, FailsWith(Fault::Expired, "longer"));
}

TEST(Watch, RefusedAtTheDoorIsNotAnEvent) {
  Result<void> how;
  const FaultServer server(always(answer(410, R"({"kind":"Status","code":410,"message":"too old resource version"})")));
  EXPECT_TRUE(watched(server, &how).empty());
  EXPECT_THAT(how, FailsWith(Fault::Expired, "too old resource version"));
}

TEST(Watch, AsksForBookmarksAndAnEnd) {
  Record record;
  const FaultServer server([&](Peer& peer, int) {
    record.add(peer.read_request());
    peer.write(chunked_head() + std::string(kLastChunk));
    peer.wait_for_hang_up();
  });
  (void)watched(server);
  ASSERT_EQ(record.all().size(), 1u);
  EXPECT_THAT(record.all().front(), HasSubstr("GET /api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&"
                                              "resourceVersion=1&timeoutSeconds=300 HTTP/1.1\r\n"));
  EXPECT_THAT(record.all().front(), HasSubstr("rollback-controller/1.2.3"));
  EXPECT_THAT(record.all().front(), testing::Not(HasSubstr("ncoding")));
}

// A token in a file, replaced under way; the server takes only "new".
class Token : public testing::Test {
 protected:
  void SetUp() override { write("old\n"); }
  void TearDown() override { std::filesystem::remove(path_); }
  void write(const std::string& text) { std::ofstream(path_) << text; }

  FaultServer::Script guarded(std::string good) {
    return [this, good = std::move(good)](Peer& peer, int) {
      for (auto asked = peer.read_request(); !asked.empty(); asked = peer.read_request()) {
        const bool knows = asked.find("Bearer new\r\n") != std::string::npos;
        tokens_.add(knows ? "new" : "other");
        peer.write(knows ? good : answer(401, R"({"kind":"Status","message":"Unauthorized"})"));
      }
    };
  }

  const std::string path_ = fake::temp_path("token");
  base::SystemClock clock_;
  Record tokens_;
};

TEST_F(Token, IsReadAgainAfterItWasRefusedAndTheCallMadeOnceMore) {
  const FaultServer server(guarded(answer(200, "{}")));
  const auto file = RotatingFile::open(path_, clock_).value();
  Client client(server, [&] { return file->text(); }, [&] { file->refused(); });
  write("new\n");
  EXPECT_TRUE(client.api.json_patch({kPods, "shop", "web", "", {}}, "[]"));
  EXPECT_THAT(tokens_.all(), ElementsAre("other", "new"));
  EXPECT_TRUE(client.api.get({kPods, "shop", "web", "", {}}));
  EXPECT_THAT(tokens_.all(), ElementsAre("other", "new", "new"));
}

TEST_F(Token, OfAWatchToo) {
  const FaultServer server(guarded(chunked_head() + chunk("a\n") + std::string(kLastChunk)));
  const auto file = RotatingFile::open(path_, clock_).value();
  Client client(server, [&] { return file->text(); }, [&] { file->refused(); });
  write("new\n");
  std::string seen;
  EXPECT_TRUE(client.api.watch(kShopPods, {"1", 300},
                               [&](std::string_view line) {
                                 seen += line;
                                 return true;
                               },
                               {}));
  EXPECT_EQ(seen, "a");
}

TEST_F(Token, ThatIsRefusedForGoodIsTriedTwiceAndNotMore) {
  const FaultServer server(guarded(answer(200, "{}")));
  const auto file = RotatingFile::open(path_, clock_).value();
  Client client(server, [&] { return file->text(); }, [&] { file->refused(); });
  EXPECT_THAT(client.api.get({kPods, "shop", "web", "", {}}), FailsWith(Fault::Forbidden, "Unauthorized"));
  EXPECT_EQ(tokens_.all().size(), 2u);
}

// The story of one reflector: a list, a watch that is told 410 in the stream, a new list, a stop.
TEST(Reflecting, ListsAgainWhenTheStreamSaysGone) {
  const std::string page = R"({"kind":"PodList","metadata":{"resourceVersion":"10"},"items":[]})";
  Latch watching_again;
  const FaultServer server([&](Peer& peer, int) {
    static std::atomic<int> watches{0};
    for (auto asked = peer.read_request(); !asked.empty(); asked = peer.read_request()) {
      if (asked.find("watch=true") == std::string::npos) {
        peer.write(answer(200, page));
      } else if (watches++ == 0) {
        peer.write(chunked_head() + chunk(event("ADDED", "web-1", 11)) +
                   chunk(R"({"type":"ERROR","object":{"kind":"Status","code":410,"message":"gone"}})"
                         "\n") +
                   std::string(kLastChunk));
      } else {
        peer.write(chunked_head());
        watching_again.open();
        peer.wait_for_hang_up();
      }
    }
  });
  Client client(server);
  std::vector<std::string> story;
  ReflectorSink sink;
  sink.begin_list = [&] { story.emplace_back("begin"); };
  sink.page = [&](std::string_view text) { story.emplace_back(text == page ? "page" : "?"); };
  sink.end_list = [&](const std::string& version) { story.push_back("end " + version); };
  sink.synced = [&] { story.emplace_back("synced"); };
  sink.item = [&](std::string_view type, std::string_view) { story.emplace_back(type); };
  Reflector reflector(client.api, kShopPods, sink,
                      {client.clock, [] { return 0.5; }, [](base::Millis, const std::stop_token&) { return true; }});
  std::stop_source stop;
  const std::jthread stopper([&] {
    if (watching_again.wait()) stop.request_stop();
  });
  reflector.run(stop.get_token());
  EXPECT_THAT(story, ElementsAre("begin", "page", "end 10", "synced", "ADDED", "begin", "page", "end 10"));
}

}  // namespace
}  // namespace wire::test
