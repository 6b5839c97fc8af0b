#include "record/event.hpp"

#include <regex>

#include <gmock/gmock.h>

namespace {

using nlohmann::json;
using record::event_name;
using record::event_object;
using record::Subject;

const Subject kPolicy{wire::kPolicies, "shop", "web", "p1"};
const Subject kTarget{wire::kDeployments, "shop", "web", "d1"};
const base::Instant kNow{base::Millis{1'767'323'045'006}};

decide::Event event() { return {decide::EventType::Warning, "RollbackCreated", "memory above 600M", "web-abc"}; }

TEST(EventNameTest, TheSameIsTheSame) { EXPECT_EQ(event_name(event(), kPolicy), event_name(event(), kPolicy)); }

TEST(EventNameTest, AnotherReasonAboutOrKindIsAnother) {
  auto other = event();
  other.reason = "Stabilized";
  EXPECT_NE(event_name(other, kPolicy), event_name(event(), kPolicy));
  other = event();
  other.about = "web-def";
  EXPECT_NE(event_name(other, kPolicy), event_name(event(), kPolicy));
  EXPECT_NE(event_name(event(), kTarget), event_name(event(), kPolicy));
  other = event();
  other.note = "memory above 700M";
  EXPECT_EQ(event_name(other, kPolicy), event_name(event(), kPolicy));
}

TEST(EventNameTest, IsAnObjectNameForAnySubject) {
  for (const auto& name : {std::string("web"), std::string(253, 'a'), std::string(238, 'a') + "-.-" + std::string(12, 'b')}) {
    const auto made = event_name(event(), {wire::kPolicies, "shop", name, "p1"});
    EXPECT_LE(made.size(), 253U);
    EXPECT_TRUE(std::regex_match(made, std::regex("[a-z0-9]([-a-z0-9]*[a-z0-9])?\\.[0-9a-f]{12}"))) << made;
  }
}

TEST(EventObjectTest, IsWhatDescribeShows) {
  const json want{
      {"apiVersion", "events.k8s.io/v1"},
      {"kind", "Event"},
      {"metadata", {{"namespace", "shop"}, {"name", event_name(event(), kPolicy)}}},
      {"eventTime", "2026-01-02T03:04:05.006000Z"},
      {"type", "Warning"},
      {"reason", "RollbackCreated"},
      {"action", "GuardRelease"},
      {"note", "memory above 600M"},
      {"reportingController", "rollback-controller"},
      {"reportingInstance", "pod-1"},
      {"regarding",
       {{"apiVersion", "rollback.riptide.dev/v1alpha1"},
        {"kind", "RollbackPolicy"},
        {"namespace", "shop"},
        {"name", "web"},
        {"uid", "p1"}}},
      {"related", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"namespace", "shop"}, {"name", "web"}, {"uid", "d1"}}}};
  EXPECT_EQ(event_object(event(), kPolicy, &kTarget, "pod-1", kNow), want);
}

TEST(EventObjectTest, KeepsTheLimitsOfTheServer) {
  auto long_one = event();
  long_one.note = std::string(3000, 'x');
  const auto object = event_object(long_one, kPolicy, nullptr, std::string(300, 'i'), kNow);
  EXPECT_LE(object["note"].get<std::string>().size(), 1024U);
  EXPECT_LE(object["reportingInstance"].get<std::string>().size(), 128U);
  EXPECT_FALSE(object.contains("related"));
}

}  // namespace
