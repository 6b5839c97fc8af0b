#include "wire/api_client.hpp"

#include "support.hpp"

namespace wire::unit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Ref kWeb{kDeployments, "shop", "web", "", {}};
const char* const kTests = R"([{"op":"test","path":"/metadata/uid","value":"u"},{"op":"replace","path":"/spec","value":{}}])";
const char* const kBare422 = R"({"kind":"Status","code":422,"message":"the server rejected our request"})";

class ApiClientTest : public testing::Test {
 protected:
  Endpoint endpoint() {
    return {"https://api:6443", [] { return TlsIdentity{}; }, [this] { return token_; }, [this] { token_ = "fresh"; },
            "default"};
  }

  std::string token_ = "t";
  ScriptedHttp http_;
  fake::ManualClock clock_;
  std::vector<std::string> seen_;
  ApiClient api_{http_, endpoint(), clock_, {"1.2.3", [this](std::string_view method, int code) {
                                               seen_.push_back(std::string(method) + " " + std::to_string(code));
                                             }}};
};

TEST_F(ApiClientTest, SpeaksEveryVerb) {
  for (int i = 0; i < 5; ++i) http_.then(200, "body");
  Ref log{kPods, "shop", "web-1", "log", {{"tailLines", "20"}}};
  EXPECT_EQ(api_.get(log).value(), "body");
  EXPECT_TRUE(api_.list({kPods, ""}, 500, "a/b=="));
  EXPECT_TRUE(api_.create({kEvents, "shop"}, "{}"));
  EXPECT_TRUE(api_.json_patch({kPolicies, "shop", "web", "status", {}}, "[]"));
  EXPECT_TRUE(api_.remove({kRollbacks, "shop", "web-1", "", {}}, "uid-1"));
  std::vector<std::string> asked;
  for (const auto& request : http_.asked) asked.push_back(request.method + " " + request.url);
  EXPECT_THAT(asked,
              ElementsAre("GET https://api:6443/api/v1/namespaces/shop/pods/web-1/log?tailLines=20",
                          "GET https://api:6443/api/v1/pods?limit=500&continue=a%2Fb%3D%3D",
                          "POST https://api:6443/apis/events.k8s.io/v1/namespaces/shop/events?fieldManager=rollback-controller",
                          "PATCH https://api:6443/apis/rollback.riptide.dev/v1alpha1/namespaces/shop/rollbackpolicies/web/"
                          "status?fieldManager=rollback-controller",
                          "DELETE https://api:6443/apis/rollback.riptide.dev/v1alpha1/namespaces/shop/rollbacks/web-1"));
  EXPECT_EQ(http_.asked[3].headers.at("content-type"), "application/json-patch+json");
  EXPECT_EQ(http_.asked[0].headers.at("authorization"), "Bearer t");
  EXPECT_EQ(http_.asked[0].headers.at("user-agent"), "rollback-controller/1.2.3");
  EXPECT_THAT(http_.asked[4].body, HasSubstr(R"("preconditions":{"uid":"uid-1"})"));
  EXPECT_THAT(seen_, ElementsAre("GET 200", "GET 200", "POST 200", "PATCH 200", "DELETE 200"));
}

TEST_F(ApiClientTest, SendsNothingForANameThatNoObjectHas) {
  EXPECT_THAT(api_.get({kPods, "shop", "../../other", "", {}}), Fails(Fault::Invalid));
  EXPECT_THAT(api_.json_patch({kPods, "..", "web", "", {}}, "[]"), Fails(Fault::Invalid));
  EXPECT_THAT(api_.create({kPods, "a/b"}, "{}"), Fails(Fault::Invalid));
  EXPECT_THAT(api_.remove({kPods, "shop", "", "", {}}, "u"), Fails(Fault::Invalid));
  EXPECT_THAT(api_.list({kPods, "a/b"}, 1, ""), Fails(Fault::Invalid));
  EXPECT_TRUE(http_.asked.empty());
}

TEST_F(ApiClientTest, ReadsCredentialsAgainAfterA401AndTriesOnce) {
  http_.then(401).then(200, "ok");
  EXPECT_EQ(api_.create({kPods, "shop"}, "{}").value(), "ok");
  EXPECT_EQ(http_.asked[1].headers.at("authorization"), "Bearer fresh");
  http_.then(401).then(401);
  EXPECT_THAT(api_.get(kWeb), Fails(Fault::Forbidden));
  EXPECT_EQ(http_.asked.size(), 4u);
}

TEST_F(ApiClientTest, TellsNoAnswer) {
  EXPECT_THAT(api_.get(kWeb), FailsWith(Fault::Unavailable, "get deployments shop/web: connection refused"));
  EXPECT_THAT(seen_, ElementsAre("GET 0"));
}

TEST_F(ApiClientTest, TakesABare422ForAConflictWhenATestNoLongerHolds) {
  http_.then(422, kBare422).then(200, R"({"metadata":{"uid":"other"}})");
  EXPECT_THAT(api_.json_patch(kWeb, kTests), FailsWith(Fault::Conflict, "tested value has changed"));
  EXPECT_EQ(http_.asked[1].method, "GET");
}

TEST_F(ApiClientTest, TakesABare422ForADenialWhenEveryTestHolds) {
  http_.then(422, kBare422).then(200, R"({"metadata":{"uid":"u"}})");
  EXPECT_THAT(api_.json_patch(kWeb, kTests), FailsWith(Fault::Invalid, "the server rejected our request"));
}

TEST_F(ApiClientTest, LooksAtTheObjectItselfForAStatusAndAtTheSubresourceForScale) {
  http_.then(422, kBare422).then(404).then(422, kBare422).then(200, "{}");
  EXPECT_THAT(api_.json_patch({kPolicies, "shop", "web", "status", {{"dryRun", "All"}}}, kTests), Fails(Fault::NotFound));
  EXPECT_TRUE(http_.asked[1].url.ends_with("/rollbackpolicies/web"));
  EXPECT_THAT(api_.json_patch({kDeployments, "shop", "web", "scale", {}}, kTests), Fails(Fault::Conflict));
  EXPECT_TRUE(http_.asked[3].url.ends_with("/deployments/web/scale"));
}

TEST_F(ApiClientTest, NeedsNoSecondLookAtA422WithCauses) {
  http_.then(422, R"({"kind":"Status","details":{"causes":[{"field":"spec"}]}})");
  EXPECT_THAT(api_.json_patch(kWeb, kTests), Fails(Fault::Invalid));
  EXPECT_EQ(http_.asked.size(), 1u);
}

TEST_F(ApiClientTest, IsSilentForAsLongAsTheServerAsks) {
  http_.then(429, "{}", {{"retry-after", "5"}}).then(200, "ok");
  EXPECT_THAT(api_.get(kWeb), FailsWith(Fault::Throttled, "Retry-After 5 s"));
  clock_.advance(4999ms);
  EXPECT_THAT(api_.get(kWeb), FailsWith(Fault::Throttled, "asked to wait"));
  EXPECT_THAT(api_.watch({kPods, ""}, {"1", 300}, [](std::string_view) { return true; }, {}), Fails(Fault::Throttled));
  EXPECT_EQ(http_.asked.size(), 1u);
  clock_.advance(1ms);
  EXPECT_TRUE(api_.get(kWeb));
}

TEST_F(ApiClientTest, APatchIsSilentToo) {  // R20
  http_.then(429, "{}", {{"retry-after", "7"}}).then(200, "ok");
  EXPECT_THAT(api_.json_patch(kWeb, "[]"), FailsWith(Fault::Throttled, "Retry-After 7 s"));
  clock_.advance(6999ms);
  EXPECT_THAT(api_.json_patch(kWeb, "[]"), FailsWith(Fault::Throttled, "not sent"));
  clock_.advance(1ms);
  EXPECT_TRUE(api_.json_patch(kWeb, "[]"));
}

TEST_F(ApiClientTest, IsNotTalkedIntoAShorterWait) {
  http_.then(429, "{}", {{"retry-after", "7"}}).then(429).then(200);
  http_.meanwhile = [&] { EXPECT_THAT(api_.get(kWeb), Fails(Fault::Throttled)); };  // answered first, and told to wait longer
  EXPECT_THAT(api_.get(kWeb), Fails(Fault::Throttled));
  clock_.advance(6999ms);
  EXPECT_THAT(api_.get(kWeb), FailsWith(Fault::Throttled, "not sent"));
  clock_.advance(1ms);
  EXPECT_TRUE(api_.get(kWeb));
}

TEST_F(ApiClientTest, IsSilentAfterA503OnlyIfAsked) {
  http_.then(503).then(503, "{}", {{"retry-after", "1"}}).then(200);
  EXPECT_THAT(api_.get(kWeb), Fails(Fault::Unavailable));
  EXPECT_THAT(api_.get(kWeb), Fails(Fault::Unavailable));
  EXPECT_THAT(api_.get(kWeb), FailsWith(Fault::Unavailable, "not sent"));
  EXPECT_EQ(http_.asked.size(), 2u);
}

TEST_F(ApiClientTest, EndsAWatchWhenItsSinkHasEnough) {
  http_.then(200, "a\nb\nc\n");
  std::string seen;
  EXPECT_TRUE(api_.watch({kPods, ""}, {"7", 301},
                         [&](std::string_view line) {
                           seen += line;
                           return seen.size() < 2;
                         },
                         {}));
  EXPECT_EQ(seen, "ab");
  EXPECT_EQ(http_.asked[0].url,
            "https://api:6443/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=301");
  EXPECT_THAT(seen_, ElementsAre("GET 200"));
}

TEST_F(ApiClientTest, TellsAWatchThatWasRefused) {
  http_.then(403, R"({"message":"pods is forbidden: User \"u\" cannot watch resource \"pods\" in API group \"\""})");
  EXPECT_THAT(api_.watch({kPods, "shop"}, {"1", 300}, [](std::string_view) { return true; }, {}),
              FailsWith(Fault::Forbidden, "watch pods in shop: 403"));
}

}  // namespace
}  // namespace wire::unit
