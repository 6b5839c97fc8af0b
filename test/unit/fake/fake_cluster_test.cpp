// The parts of the fake that a real cluster has not: cuts, faults, the audit list, subscriptions. The rest is test/contract.
#include "fake/fake_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "fake/manual_clock.hpp"
#include "fake/objects.hpp"

namespace fake {

using base::Fault;
using nlohmann::json;
using testing::ElementsAre;

class Cluster : public testing::Test {
 protected:
  Cluster() { person_.create(deployment_json("web", "app:1")); }

  base::Result<std::string> scale(int replicas) {
    return cluster_.json_patch(web_,
                               json::array({{{"op", "replace"}, {"path", "/spec/replicas"}, {"value", replicas}}}).dump());
  }
  int replicas() { return person_.get(web_).at("spec").at("replicas"); }

  ManualClock clock_;
  FakeCluster cluster_{clock_};
  Actor person_ = cluster_.as_user();
  wire::Ref web_{wire::kDeployments, kNamespace, "web", "", {}};
};

TEST_F(Cluster, CutBeforeLosesTheWriteAndKillsTheProcess) {
  cluster_.cut_before(2);
  ASSERT_TRUE(scale(5));
  EXPECT_THROW(std::ignore = scale(6), Cut);
  EXPECT_THROW(std::ignore = cluster_.get(web_), Cut) << "the dead do not read either";
  EXPECT_EQ(replicas(), 5);
  cluster_.revive();
  EXPECT_TRUE(scale(7));
}

TEST_F(Cluster, CutAfterKeepsTheWrite) {
  cluster_.cut_after(1);
  EXPECT_THROW(std::ignore = scale(5), Cut);
  EXPECT_EQ(replicas(), 5);
  EXPECT_TRUE(cluster_.writes().at(0).accepted);
}

TEST_F(Cluster, FaultsAreUsedUp) {
  cluster_.fail_next(calls_to("patch", wire::kDeployments), Fault::Throttled, 2);
  EXPECT_EQ(scale(5).error().fault, Fault::Throttled);
  EXPECT_EQ(scale(5).error().fault, Fault::Throttled);
  EXPECT_EQ(replicas(), 3);
  EXPECT_TRUE(scale(5));
}

TEST_F(Cluster, LostAnswerHidesAWriteThatWasDone) {
  cluster_.fail_next(calls_to("patch", wire::kDeployments), Fault::Unavailable, 1, Lost::Answer);
  EXPECT_EQ(scale(5).error().fault, Fault::Unavailable);
  EXPECT_EQ(replicas(), 5);
}

TEST_F(Cluster, AuditTellsOursFromOthers) {
  person_.update(web_, [](json& d) { d["spec"]["replicas"] = 4; });
  ASSERT_TRUE(scale(5));
  ASSERT_FALSE(scale(-1));
  const auto writes = cluster_.writes();
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_EQ(writes[0].verb, "patch");
  EXPECT_EQ(writes[0].name, "web");
  EXPECT_THAT(writes[0].fields, ElementsAre("spec.replicas"));
  EXPECT_TRUE(writes[0].accepted);
  EXPECT_FALSE(writes[1].accepted);
  EXPECT_THAT(writes[1].fields, ElementsAre("spec.replicas")) << "what was asked";
}

TEST_F(Cluster, ListenersSeeCommitsInOrderAlsoTheirOwn) {
  std::vector<std::string> seen;
  cluster_.on_event([&](const wire::Kind&, const std::string& line) {
    const json object = json::parse(line).at("object");
    seen.push_back(object.at("metadata").at("resourceVersion"));
    if (object.at("spec").at("replicas") == 5) std::ignore = scale(6);
  });
  ASSERT_TRUE(scale(5));
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_LT(std::stoll(seen[0]), std::stoll(seen[1]));
  EXPECT_EQ(cluster_.drain(wire::kDeployments, std::stoll(seen[0])).size(), 1U);
}

TEST_F(Cluster, OpenWatchIsToldOfAWriteAndOfItsEnd) {
  std::vector<std::string> types;
  std::jthread watcher([&](std::stop_token stop) {
    const auto sink = [&](std::string_view line) {
      types.push_back(json::parse(line).at("type"));
      if (types.size() == 1) std::ignore = scale(5);
      if (types.size() == 2) cluster_.end_watches();
      return true;
    };
    std::ignore = cluster_.watch({wire::kDeployments, kNamespace}, {std::to_string(cluster_.version()), 300}, sink, stop);
  });
  watcher.join();
  EXPECT_THAT(types, ElementsAre("BOOKMARK", "MODIFIED", "BOOKMARK"));
}

TEST_F(Cluster, StopEndsAWatch) {
  std::stop_source stop;
  const auto sink = [&](std::string_view) { return stop.request_stop(); };
  EXPECT_TRUE(cluster_.watch({wire::kDeployments, kNamespace}, {"", 300}, sink, stop.get_token()));
}

TEST_F(Cluster, CompactionExpiresWatchesAndPages) {
  const std::string before = std::to_string(cluster_.version());
  person_.create(deployment_json("api", "app:1"));
  const json page = json::parse(cluster_.list({wire::kDeployments, kNamespace}, 1, "").value());
  cluster_.compact();
  EXPECT_EQ(cluster_.list({wire::kDeployments, kNamespace}, 1, page.at("metadata").at("continue")).error().fault,
            Fault::Expired);
  std::string last;
  const auto sink = [&](std::string_view line) {
    last = line;
    return true;
  };
  ASSERT_TRUE(cluster_.watch({wire::kDeployments, kNamespace}, {before, 300}, sink, {}));
  EXPECT_EQ(json::parse(last).at("object").at("code"), 410);
}

TEST_F(Cluster, LogsAreWhatTheTestSays) {
  cluster_.set_log(kNamespace, "web-1", "app", Instance::Previous, "out of memory\n");
  wire::Ref log{wire::kPods, kNamespace, "web-1", "log", {{"container", "app"}, {"previous", "true"}}};
  EXPECT_EQ(cluster_.get(log), "out of memory\n");
  log.query.pop_back();
  EXPECT_EQ(cluster_.get(log).error().fault, Fault::Invalid);
}

}  // namespace fake
