#include "observe/evidence.hpp"

#include <gmock/gmock.h>

#include "unit/observe/given.hpp"

namespace observe {
namespace {

using testing::EndsWith;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using namespace std::string_literals;

api::PodEvidence asked(const std::string& pod) { return {pod, "app", 137, "OOMKilled", "", ""}; }

struct Logs {
  given::ScriptedApi api;

  void current(const std::string& pod, wire::Result<std::string> text) {
    api.objects["pods/shop/" + pod + "/log?previous=false"] = std::move(text);
  }
  void previous(const std::string& pod, wire::Result<std::string> text) {
    api.objects["pods/shop/" + pod + "/log?previous=true"] = std::move(text);
  }
  std::vector<api::PodEvidence> fetch(std::vector<api::PodEvidence> pods, EvidenceLines lines = EvidenceLines::Full) {
    return fetch_evidence(api, "shop", std::move(pods), lines);
  }
};

TEST(ObserveEvidence, LinesOfBothInstances) {
  Logs logs;
  logs.current("web-1", "starting\n");
  logs.previous("web-1", "out of memory\nbye");
  const auto found = logs.fetch({asked("web-1")});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].exit_code, 137);
  EXPECT_EQ(found[0].current, "starting\n");
  EXPECT_EQ(found[0].previous, "out of memory\nbye");
  const auto& query = logs.api.asked.at(0).query;
  EXPECT_THAT(query, testing::Contains(std::pair<std::string, std::string>("container", "app")));
  EXPECT_THAT(query, testing::Contains(std::pair<std::string, std::string>("tailLines", "20")));
}

TEST(ObserveEvidence, LogThatCannotBeReadStaysEmpty) {
  Logs logs;
  logs.current("web-1", base::fail(base::Fault::Forbidden, "cannot get pods/log"));
  const auto found = logs.fetch({asked("web-1")});  // the previous instance is not there
  EXPECT_EQ(found.at(0).current, "");
  EXPECT_EQ(found.at(0).previous, "");
  EXPECT_EQ(found.at(0).reason, "OOMKilled");
}

TEST(ObserveEvidence, AtMostThreePods) {
  Logs logs;
  EXPECT_THAT(logs.fetch({asked("a"), asked("b"), asked("c"), asked("d")}), SizeIs(3));
  EXPECT_THAT(logs.api.asked, SizeIs(6));
}

TEST(ObserveEvidence, StatusOnlyAsksForNoLine) {
  Logs logs;
  EXPECT_THAT(logs.fetch({asked("a"), asked("b"), asked("c"), asked("d")}, EvidenceLines::StatusOnly), SizeIs(3));
  EXPECT_THAT(logs.api.asked, IsEmpty());
}

TEST(ObserveEvidence, AllTogetherFitAndTheEndIsKept) {
  Logs logs;
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "line " + std::to_string(i) + "\n";
  for (const std::string pod : {"a", "b", "c"}) {
    logs.current(pod, text);
    logs.previous(pod, text);
  }
  size_t total = 0;
  for (const auto& pod : logs.fetch({asked("a"), asked("b"), asked("c")})) {
    total += pod.current.size() + pod.previous.size();
    EXPECT_THAT(pod.previous, StartsWith("line "));  // whole lines
    EXPECT_THAT(pod.previous, EndsWith("line 1999\n"));
  }
  EXPECT_LE(total, kMostEvidenceBytes);
  EXPECT_GE(total, kMostEvidenceBytes - 100);
}

TEST(ObserveEvidence, RoomThatOneDoesNotNeedIsTheOthers) {
  Logs logs;
  logs.previous("a", std::string(20'000, 'x'));
  logs.current("a", std::string(20'000, 'y'));
  logs.previous("a", "short");
  const auto found = logs.fetch({asked("a")});
  EXPECT_THAT(found.at(0).current, SizeIs(20'000));
}

TEST(ObserveEvidence, OneLongLineIsCutBetweenCharacters) {
  Logs logs;
  std::string line;
  while (line.size() < 60'000) line += "\xC3\xA4";  // ä
  logs.previous("a", "x" + line);
  const auto found = logs.fetch({asked("a")});
  EXPECT_THAT(found.at(0).previous, SizeIs(kMostEvidenceBytes / 2));
  EXPECT_THAT(found.at(0).previous, StartsWith("\xC3\xA4"));
}

TEST(ObserveEvidence, TextIsValidAndHarmless) {
  Logs logs;
  logs.current("a", "\xFFgood\x1B[2J\x07\r\n\ttab\0end"s);
  EXPECT_EQ(logs.fetch({asked("a")}).at(0).current, "\uFFFDgood\uFFFD[2J\uFFFD\n\ttab\uFFFDend");
}

}  // namespace
}  // namespace observe
