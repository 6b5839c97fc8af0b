#include "observe/probe.hpp"

#include <gmock/gmock.h>

#include "unit/observe/given.hpp"

namespace observe {
namespace {

using decide::Probed;
using testing::HasSubstr;
using testing::IsEmpty;

const api::HttpChecks kChecks{8080, base::Seconds{3}, {}};
const decide::ProbeWant::Target kPod{"p1", "web-1", "10.0.0.1"};

struct Probing {
  fake::ManualClock clock;
  given::ScriptedHttp http;

  decide::ProbeResult ask(const api::HttpCheck& check, const decide::ProbeWant::Target& pod = kPod) {
    return probe(http, kChecks, check, pod, clock, {});
  }
  decide::ProbeResult ask_answered(int status, const api::HttpCheck& check) {
    http.answers.push_back(wire::Response{status, {}, "internal details"});
    return ask(check);
  }
};

TEST(ObserveProbe, AsksThePod) {
  Probing probing;
  const auto result =
      probing.ask_answered(200, {"search", "POST", "/api/v1/search?q=a", "{\"query\":\"x\"}", "application/json"});
  const auto& asked = probing.http.asked.at(0);
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.url, "http://10.0.0.1:8080/api/v1/search?q=a");
  EXPECT_EQ(asked.body, "{\"query\":\"x\"}");
  EXPECT_EQ(asked.headers.at("content-type"), "application/json");
  EXPECT_EQ(asked.timeout, base::Millis{3000});
  EXPECT_EQ(result.outcome, Probed::Ok);
  EXPECT_EQ(result.pod_uid, "p1");
  EXPECT_EQ(result.pod, "web-1");
  EXPECT_EQ(result.check, "search");
}

TEST(ObserveProbe, GetHasNoBody) {
  Probing probing;
  ASSERT_EQ(probing.ask_answered(200, {"health", "GET", "/health", "ignored", "text/plain"}).outcome, Probed::Ok);
  EXPECT_EQ(probing.http.asked.at(0).body, "");
  EXPECT_THAT(probing.http.asked.at(0).headers, IsEmpty());
}

struct Answer {
  int status;
  Probed outcome;
};
class ProbeAnswerTest : public testing::TestWithParam<Answer> {};
TEST_P(ProbeAnswerTest, Outcome) {
  Probing probing;
  const auto result = probing.ask_answered(GetParam().status, {"health", "GET", "/health", "", ""});
  EXPECT_EQ(result.outcome, GetParam().outcome);
  EXPECT_THAT(result.message, HasSubstr(std::to_string(GetParam().status)));
  EXPECT_THAT(result.message, Not(HasSubstr("internal details")));
}
INSTANTIATE_TEST_SUITE_P(ObserveProbe, ProbeAnswerTest,
                         testing::Values(Answer{200, Probed::Ok}, Answer{204, Probed::Ok}, Answer{299, Probed::Ok},
                                         Answer{302, Probed::Wrong}, Answer{404, Probed::Wrong}, Answer{500, Probed::Wrong},
                                         Answer{101, Probed::Wrong}));

TEST(ObserveProbe, NoAnswerIsUnreachableAtTheTimeItWasGivenUp) {
  Probing probing;
  probing.http.answers.push_back(base::fail(base::Fault::Unavailable, "timed out"));
  probing.http.on_send = [&] { probing.clock.advance(base::Seconds{3}); };
  const auto result = probing.ask({"health", "GET", "/health", "", ""});
  EXPECT_EQ(result.outcome, Probed::Unreachable);
  EXPECT_EQ(result.message, "timed out");
  EXPECT_EQ(result.taken, given::kNow + base::Seconds{3});
}

// What stands behind the host must not become the host.
class ProbePathTest : public testing::TestWithParam<const char*> {};
TEST_P(ProbePathTest, IsNotAsked) {
  Probing probing;
  EXPECT_EQ(probing.ask({"health", "GET", GetParam(), "", ""}).outcome, Probed::Unreachable);
  EXPECT_THAT(probing.http.asked, IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(ObserveProbe, ProbePathTest,
                         testing::Values("", "@evil.example/", ".evil.example/", "/a b", "/a\r\nb", "/\xC3\xA4", "/a#b"));

TEST(ObserveProbe, PodWithoutAddressIsNotAsked) {
  Probing probing;
  EXPECT_EQ(probing.ask({"health", "GET", "/health", "", ""}, {"p1", "web-1", ""}).outcome, Probed::Unreachable);
  EXPECT_THAT(probing.http.asked, IsEmpty());
}

}  // namespace
}  // namespace observe
