#include "observe/memory_source.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "unit/observe/given.hpp"

namespace observe {
namespace {

using base::Fault;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kNode = R"({"status": {"addresses": [
  {"type": "Hostname", "address": "n1"}, {"type": "InternalIP", "address": "fd00::1"}, {"type": "InternalIP", "address": "10.0.0.9"}],
  "daemonEndpoints": {"kubeletEndpoint": {"Port": 10251}}}})";

constexpr const char* kSummary = R"({"node": {"nodeName": "n1", "memory": {"rssBytes": 1}}, "pods": [
  {"podRef": {"name": "web-1", "namespace": "shop", "uid": "p1"}, "memory": {"rssBytes": 9}, "containers": [
    {"name": "app", "startTime": "x", "cpu": {"time": "2026-01-02T03:04:00Z", "usageNanoCores": 5},
     "memory": {"time": "2026-01-02T03:04:01Z", "availableBytes": 3, "rssBytes": 600, "workingSetBytes": 700}},
    {"name": "proxy", "memory": {"time": "2026-01-02T03:04:02Z", "workingSetBytes": 70}},
    {"name": "new", "memory": {"rssBytes": 1}}]},
  {"podRef": {"name": "bare"}, "containers": null}]})";

struct Kubelet {
  fake::ManualClock clock;
  given::ScriptedApi api;
  given::ScriptedHttp http;
  KubeletSource source{api, http, [] { return std::string("secret"); }, clock};

  Kubelet() { api.objects["nodes//n1/"] = kNode; }
  Result<std::vector<PodMemory>> read() { return source.read("n1", {}); }
  void answers(int status, const std::string& body = "") { http.answers.push_back(wire::Response{status, {}, body}); }
};

TEST(ObserveKubelet, SamplesHaveTheirOwnTimes) {
  Kubelet kubelet;
  kubelet.answers(200, kSummary);
  const auto seen = kubelet.read();
  ASSERT_TRUE(seen);
  ASSERT_EQ(seen->size(), 2u);  // one without a time can't be told from the one before
  EXPECT_EQ(seen->at(0).pod_uid, "p1");
  EXPECT_EQ(seen->at(0).container, "app");
  EXPECT_EQ(base::to_rfc3339(seen->at(0).sample.taken), "2026-01-02T03:04:01Z");
  EXPECT_EQ(seen->at(0).sample.rss_bytes, 600);
  EXPECT_EQ(seen->at(0).sample.working_set_bytes, 700);
  EXPECT_TRUE(std::isnan(seen->at(1).sample.rss_bytes));  // never another measure
  EXPECT_EQ(seen->at(1).sample.working_set_bytes, 70);
}

TEST(ObserveKubelet, IsAskedAtTheNodesOwnAddressWithOurToken) {
  Kubelet kubelet;
  kubelet.answers(200, kSummary);
  ASSERT_TRUE(kubelet.read());
  const auto& asked = kubelet.http.asked.at(0);
  EXPECT_EQ(asked.method, "GET");
  EXPECT_EQ(asked.url, "https://10.0.0.9:10251/stats/summary?only_cpu_and_memory=true");
  EXPECT_EQ(asked.headers.at("authorization"), "Bearer secret");
  EXPECT_EQ(asked.timeout, base::Millis{5000});
}

TEST(ObserveKubelet, OneThatOnlyHasIPv6) {
  Kubelet kubelet;
  kubelet.api.objects["nodes//n1/"] = R"({"status": {"addresses": [{"type": "InternalIP", "address": "fd00::1"}]}})";
  kubelet.answers(200, kSummary);
  ASSERT_TRUE(kubelet.read());
  EXPECT_THAT(kubelet.http.asked.at(0).url, testing::StartsWith("https://[fd00::1]:10250/"));
}

TEST(ObserveKubelet, AddressIsKeptForFiveMinutes) {
  Kubelet kubelet;
  for (int i = 0; i < 3; ++i) kubelet.answers(200, kSummary);
  EXPECT_TRUE(kubelet.read());
  kubelet.clock.advance(base::Seconds{299});
  EXPECT_TRUE(kubelet.read());
  EXPECT_EQ(kubelet.api.asked.size(), 1u);
  kubelet.clock.advance(base::Seconds{1});
  EXPECT_TRUE(kubelet.read());
  EXPECT_EQ(kubelet.api.asked.size(), 2u);
}

TEST(ObserveKubelet, AddressThatDoesNotAnswerIsLookedUpAgain) {
  Kubelet kubelet;
  kubelet.http.answers.push_back(base::fail(Fault::Unavailable, "connection refused"));
  kubelet.answers(200, kSummary);
  const auto first = kubelet.read();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().fault, Fault::Unavailable);
  EXPECT_THAT(first.error().what, HasSubstr("n1"));
  EXPECT_TRUE(kubelet.read());
  EXPECT_EQ(kubelet.api.asked.size(), 2u);
}

struct Refusal {
  int status;
  Fault fault;
  const char* says;
};
class KubeletRefusalTest : public testing::TestWithParam<Refusal> {};
TEST_P(KubeletRefusalTest, SaysWhatToDo) {
  Kubelet kubelet;
  kubelet.answers(GetParam().status);
  const auto seen = kubelet.read();
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().fault, GetParam().fault);
  EXPECT_THAT(seen.error().what, HasSubstr(GetParam().says));
  EXPECT_THAT(seen.error().what, Not(HasSubstr("secret")));
}
INSTANTIATE_TEST_SUITE_P(ObserveKubelet, KubeletRefusalTest,
                         testing::Values(Refusal{401, Fault::Forbidden, "token"},
                                         Refusal{403, Fault::Forbidden, "get nodes/stats"},
                                         Refusal{404, Fault::NotFound, "/stats/summary"}, Refusal{429, Fault::Throttled, "429"},
                                         Refusal{500, Fault::Unavailable, "500"}));

// The missing right is named.
TEST(ObserveKubelet, NodeThatMayNotBeReadNamesTheRight) {
  Kubelet kubelet;
  kubelet.api.objects["nodes//n1/"] = base::fail(Fault::Forbidden, "cannot get nodes");
  const auto seen = kubelet.read();
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().fault, Fault::Forbidden);
  EXPECT_THAT(seen.error().what, HasSubstr("`get nodes`"));
  EXPECT_THAT(kubelet.http.asked, IsEmpty());
}

TEST(ObserveKubelet, NodeThatIsGoneOrHasNoAddress) {
  Kubelet kubelet;
  EXPECT_EQ(kubelet.source.read("n2", {}).error().fault, Fault::NotFound);
  kubelet.api.objects["nodes//n1/"] = R"({"status": {"addresses": null}})";
  EXPECT_EQ(kubelet.read().error().fault, Fault::Unavailable);
  kubelet.api.objects["nodes//n1/"] = "no JSON";
  EXPECT_EQ(kubelet.read().error().fault, Fault::Invalid);
}

TEST(ObserveKubelet, AnswerThatIsNoSummary) {
  Kubelet kubelet;
  for (const char* body : {"", "[]", "{\"pods\": ["}) {
    kubelet.answers(200, body);
    EXPECT_EQ(kubelet.read().error().fault, Fault::Unavailable) << body;
  }
  for (const char* body : {"{}", R"({"pods": 7})", R"({"pods": [{"podRef": 1, "containers": [{"name": 2, "memory": []}]}]})"}) {
    kubelet.answers(200, body);
    const auto seen = kubelet.read();
    ASSERT_TRUE(seen) << body;
    EXPECT_THAT(*seen, IsEmpty());
  }
}

TEST(ObserveNoSource, SaysWhy) {
  NoSource none("kubelet access is off");
  EXPECT_EQ(none.read("n1", {}).error(), (base::Error{Fault::Forbidden, "kubelet access is off"}));
}

}  // namespace
}  // namespace observe
