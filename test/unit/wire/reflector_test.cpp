#include "wire/reflector.hpp"

#include "support.hpp"

namespace wire::unit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using State = Reflector::State;

// Lists and watches from a script; every other verb fails.
class ScriptedApi final : public Api {
 public:
  struct Watch {
    std::vector<std::string> lines;
    Result<void> end{};
    Millis lasts{5'000};
  };

  explicit ScriptedApi(fake::ManualClock& clock) : clock_(clock) {}

  Result<std::string> list(const Collection&, int limit, const std::string& token) override {
    asked.push_back("list " + std::to_string(limit) + (token.empty() ? "" : " " + token));
    if (pages.empty()) return base::fail(Fault::Unavailable, "refused");
    auto page = std::move(pages.front());
    pages.pop_front();
    return page;
  }
  Result<void> watch(const Collection&, const WatchAsk& ask, const LineSink& sink, std::stop_token) override {
    asked.push_back("watch " + ask.resource_version + " " + std::to_string(ask.timeout_seconds));
    if (watches.empty()) return base::fail(Fault::Unavailable, "refused");
    const auto watch = std::move(watches.front());
    watches.pop_front();
    clock_.advance(watch.lasts);
    for (const auto& line : watch.lines) {
      if (!sink(line)) return {};
    }
    return watch.end;
  }
  Result<std::string> get(const Ref&) override { return no(); }
  Result<std::string> create(const Collection&, const std::string&) override { return no(); }
  Result<std::string> json_patch(const Ref&, const std::string&) override { return no(); }
  Result<void> remove(const Ref&, const std::string&) override { return base::fail(Fault::Invalid, "not in the script"); }

  std::deque<Result<std::string>> pages;
  std::deque<Watch> watches;
  std::vector<std::string> asked;

 private:
  static Result<std::string> no() { return base::fail(Fault::Invalid, "not in the script"); }
  fake::ManualClock& clock_;
};

std::string page(const std::string& version, const std::string& token = "") {
  return R"({"items":[],"metadata":{"resourceVersion":")" + version + R"(","continue":")" + token + R"("}})";
}
std::string event(const std::string& type, const std::string& version) {
  return R"({"type":")" + type + R"(","object":{"metadata":{"resourceVersion":")" + version + R"("}}})";
}
std::string error_event(int code) {
  return R"({"type":"ERROR","object":{"kind":"Status","code":)" + std::to_string(code) + R"(,"message":"m"}})";
}

class ReflectorTest : public testing::Test {
 protected:
  ReflectorSink sink() {
    ReflectorSink all;
    all.begin_list = [this] { story_.emplace_back("begin"); };
    all.page = [this](std::string_view) { story_.emplace_back("page"); };
    all.end_list = [this](const std::string& version) { story_.push_back("end " + version); };
    all.synced = [this] { story_.emplace_back("synced"); };
    all.item = [this](std::string_view type, std::string_view object) {
      story_.push_back(std::string(type) + " " + std::string(object.substr(object.find(R"("resourceVersion":")") + 19, 2)));
    };
    all.failed = [this](const base::Error& error) { failures_.push_back(error); };
    return all;
  }
  Millis step() { return reflector_.step({}); }
  // Listed at version 10 and watching, with the story so far forgotten.
  void start_watching() {
    api_.pages.emplace_back(page("10"));
    EXPECT_EQ(step(), 0ms);
    ASSERT_EQ(reflector_.state(), State::Watching);
    story_.clear();
    api_.asked.clear();
  }

  fake::ManualClock clock_;
  ScriptedApi api_{clock_};
  std::vector<std::string> story_;
  std::vector<base::Error> failures_;
  double random_ = 0.0;
  std::vector<Millis> waits_;
  Reflector reflector_{api_,
                       {kPods, "shop"},
                       sink(),
                       {clock_, [this] { return random_; },
                        [this](Millis wait, const std::stop_token&) {
                          waits_.push_back(wait);
                          return waits_.size() < 3;
                        }}};
};

TEST_F(ReflectorTest, ListsPageByPageAndThenWatchesFromThere) {
  api_.pages = {page("10", "next"), page("10")};
  api_.watches.push_back({{event("ADDED", "11"), event("BOOKMARK", "15"), event("DELETED", "16")}});
  EXPECT_EQ(step(), 0ms);
  EXPECT_EQ(step(), 0ms);
  EXPECT_THAT(api_.asked, ElementsAre("list 500", "list 500 next", "watch 10 300"));
  EXPECT_THAT(story_, ElementsAre("begin", "page", "page", "end 10", "synced", "ADDED 11", "DELETED 16"));
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(ReflectorTest, ResumesFromTheLastVersionAlsoOfABookmark) {
  start_watching();
  random_ = 0.999;
  api_.watches = {{{event("MODIFIED", "12"), event("BOOKMARK", "20")}}, {}, {}};
  EXPECT_EQ(step(), 0ms);
  EXPECT_EQ(step(), 0ms);
  EXPECT_THAT(api_.asked, ElementsAre("watch 10 599", "watch 20 599"));
  EXPECT_EQ(reflector_.state(), State::Watching);
}

TEST_F(ReflectorTest, ListsAgainAtOnceWhenTheVersionIsGone) {
  const ScriptedApi::Watch at_the_door{{}, base::fail(Fault::Expired, "410")};
  const ScriptedApi::Watch in_the_stream{{event("ADDED", "11"), error_event(410), event("ADDED", "12")}};
  start_watching();
  for (const auto& gone : {at_the_door, in_the_stream}) {
    clock_.advance(10min);
    story_.clear();
    api_.watches.push_back(gone);
    EXPECT_EQ(step(), 0ms);
    EXPECT_EQ(reflector_.state(), State::Listing);
    api_.pages.emplace_back(page("30"));
    EXPECT_EQ(step(), 0ms);
    EXPECT_EQ(story_.back(), "end 30");  // no second synced
    EXPECT_THAT(story_, testing::Not(testing::Contains("ADDED 12")));
  }
}

TEST_F(ReflectorTest, IsNotDrivenRoundAndRoundByAVersionThatIsAlwaysGone) {
  start_watching();
  api_.watches.assign(2, {{error_event(410)}, {}, 0ms});
  EXPECT_EQ(step(), 0ms);
  api_.pages.emplace_back(page("11"));
  EXPECT_EQ(step(), 0ms);
  EXPECT_GE(step(), 800ms);
  EXPECT_EQ(reflector_.state(), State::Listing);
}

TEST_F(ReflectorTest, KeepsItsVersionThroughErrorsThatSayNothingOfIt) {
  start_watching();
  api_.watches = {{{event("ADDED", "11"), error_event(500)}},
                  {{}, base::fail(Fault::Unavailable, "reset")},
                  {{}, base::fail(Fault::Throttled, "429")},
                  {}};
  for (int i = 0; i < 3; ++i) EXPECT_GE(step(), 800ms);
  EXPECT_EQ(step(), 0ms);
  EXPECT_THAT(api_.asked, ElementsAre("watch 10 300", "watch 11 300", "watch 11 300", "watch 11 300"));
  EXPECT_EQ(failures_.size(), 3u);
}

TEST_F(ReflectorTest, ListsAgainAfterWhatOnlyAListCanMend) {
  const std::vector<ScriptedApi::Watch> ends{{{}, base::fail(Fault::Forbidden, "403")},
                                             {{}, base::fail(Fault::NotFound, "404")},
                                             {{R"({"type":"ADDED"})"}},
                                             {{R"({"type":"NEWS","object":{"metadata":{"resourceVersion":"1"}}})"}},
                                             {{"<html>"}}};
  for (const auto& end : ends) {
    start_watching();
    api_.watches.push_back(end);
    EXPECT_GE(step(), 800ms);
    EXPECT_EQ(reflector_.state(), State::Listing);
  }
}

TEST_F(ReflectorTest, ResumesQuickEndsButNotForEver) {
  start_watching();
  api_.watches.assign(20, {{}, {}, 10ms});
  for (int i = 0; i < 19; ++i) {
    EXPECT_EQ(step(), 0ms);
    ASSERT_EQ(reflector_.state(), State::Watching);
  }
  EXPECT_GE(step(), 800ms);
  EXPECT_EQ(reflector_.state(), State::Listing);
}

TEST_F(ReflectorTest, NeverListsAgainForWatchesThatEndEveryFiveSeconds) {
  start_watching();
  api_.watches.assign(100, {{}, {}, 5s});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(step(), 0ms);
  EXPECT_EQ(reflector_.state(), State::Watching);
  EXPECT_THAT(story_, IsEmpty());
}

TEST_F(ReflectorTest, BeginsTheListAnewWhenAPageFails) {
  api_.pages = {page("10", "next"), base::fail(Fault::Expired, "the token is too old"), page("12")};
  EXPECT_EQ(step(), 0ms);  // at once: nothing else has failed
  EXPECT_EQ(step(), 0ms);
  EXPECT_THAT(story_, ElementsAre("begin", "page", "begin", "page", "end 12", "synced"));
  EXPECT_THAT(api_.asked, ElementsAre("list 500", "list 500 next", "list 500"));
}

TEST_F(ReflectorTest, DoesNotTakeAListWithoutAVersion) {
  api_.pages = {std::string("{}"), std::string("<html>")};
  EXPECT_GE(step(), 800ms);
  EXPECT_GE(step(), 800ms);
  EXPECT_EQ(reflector_.state(), State::Listing);
  EXPECT_THAT(story_, ElementsAre("begin", "begin"));
}

TEST_F(ReflectorTest, RunsUntilItsWaitIsEnded) {
  reflector_.run({});
  EXPECT_THAT(waits_, ElementsAre(800ms, 1600ms, 3200ms));
}

TEST_F(ReflectorTest, SaysNothingOfAWatchThatWasStopped) {
  start_watching();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(reflector_.step(stop.get_token()), 0ms);
  EXPECT_THAT(failures_, IsEmpty());
}

TEST(BackoffTest, DoublesToHalfAMinuteIsJitteredAndForgets) {
  fake::ManualClock clock;
  double random = 0.0;
  Backoff backoff(clock, [&] { return random; });
  EXPECT_TRUE(backoff.is_rested());
  for (const Millis want : {800ms, 1600ms, 3200ms, 6400ms, 12800ms, 25600ms, 30000ms, 30000ms}) {
    const auto wait = backoff.next();
    EXPECT_EQ(wait, want);
    clock.advance(wait);
  }
  clock.advance(119s);
  EXPECT_FALSE(backoff.is_rested());
  clock.advance(1s);
  random = 0.5;
  EXPECT_EQ(backoff.next(), 1200ms);
}

}  // namespace
}  // namespace wire::unit
