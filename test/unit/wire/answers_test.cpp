#include "wire/answers.hpp"

#include "support.hpp"

namespace wire::unit {
namespace {

std::string status(const std::string& message, const std::string& details = "{}") {
  return R"({"kind":"Status","message":)" + nlohmann::json(message).dump() + R"(,"details":)" + details + "}";
}

const char* const kRbac = R"(pods is forbidden: User "u" cannot list resource "pods" in API group "" at the cluster scope)";

struct Row {
  const char* name;
  int status;
  std::string body;
  Fault want;
};
class Meaning : public testing::TestWithParam<Row> {};

TEST_P(Meaning, OfAnAnswer) {
  const auto error = error_of({GetParam().status, {}, GetParam().body}, "list pods in shop");
  EXPECT_EQ(error.fault, GetParam().want);
  EXPECT_THAT(error.what, testing::StartsWith("list pods in shop: " + std::to_string(GetParam().status)));
}
INSTANTIATE_TEST_SUITE_P(
    Answers, Meaning,
    testing::Values(
        Row{"missing", 404, status("not found"), Fault::NotFound}, Row{"conflict", 409, status("modified"), Fault::Conflict},
        Row{"gone", 410, status("too old"), Fault::Expired}, Row{"unauthorized", 401, status("Unauthorized"), Fault::Forbidden},
        Row{"rbac", 403, status(kRbac), Fault::Forbidden},
        Row{"rbac_of_a_path", 403, status("forbidden: User \"u\" cannot get path \"/metrics\""), Fault::Forbidden},
        Row{"quota", 403, status("pods \"a\" is forbidden: exceeded quota: q"), Fault::Invalid},
        Row{"admission", 403, status("denied the request: you cannot do this"), Fault::Invalid},
        Row{"schema", 422, status("spec.x: Required", R"({"causes":[{"field":"spec.x"}]})"), Fault::Invalid},
        Row{"bad_request", 400, "not JSON", Fault::Invalid}, Row{"too_large", 413, "", Fault::Invalid},
        Row{"throttled", 429, status("slow down"), Fault::Throttled}, Row{"internal", 500, status("etcd"), Fault::Unavailable},
        Row{"unavailable", 503, "", Fault::Unavailable}, Row{"timeout", 504, "", Fault::Unavailable},
        Row{"redirect", 302, "", Fault::Unavailable}, Row{"strange", 999, "", Fault::Unavailable}),
    [](const auto& info) { return info.param.name; });

TEST(Answers, KeepTheServersWordsButNotForEver) {
  EXPECT_THAT(error_of({404, {}, "404 page not found"}, "get httproutes shop/web").what,
              testing::StrEq("get httproutes shop/web: 404 (this kind is not served: is its CRD installed?)"));
  const char* missing = R"({"message": "httproutes \"web\" not found", "details": {"name": "web"}})";
  EXPECT_THAT(error_of({404, {}, missing}, "x").what, testing::StrEq("x: 404 httproutes \"web\" not found"));
  EXPECT_THAT(error_of({404, {}, status("no such thing")}, "x").what, testing::HasSubstr("no such thing"));
  EXPECT_LT(error_of({404, {}, status(std::string(100'000, 'x'))}, "x").what.size(), 1000u);
  EXPECT_LT(error_of({500, {}, std::string(1'000'000, '[')}, "x").what.size(), 100u);
  EXPECT_THAT(error_of({500, {}, std::string(100'000, '[') + std::string(100'000, ']')}, "x").what,
              testing::StartsWith("x: 500"));
}

TEST(Answers, TellA422ThatSaysNothing) {
  EXPECT_TRUE(is_bare_422({422, {}, status("the server rejected our request")}));
  EXPECT_TRUE(is_bare_422({422, {}, status("x", R"({"causes":[]})")}));
  EXPECT_TRUE(is_bare_422({422, {}, status("x", "null")}));
  EXPECT_TRUE(is_bare_422({422, {}, "oops"}));
  EXPECT_FALSE(is_bare_422({422, {}, status("x", R"({"causes":[{"field":"spec"}]})")}));
  EXPECT_FALSE(is_bare_422({409, {}, status("x")}));
}

TEST(Answers, CheckTestsAsTheServerDoes) {
  const std::string object = R"({"metadata":{"uid":"u","annotations":{"a/b":"1"}},"spec":{"list":[1,2]}})";
  const auto holds = [&](const std::string& tests) { return tests_hold(tests, object); };
  EXPECT_TRUE(holds(R"([{"op":"test","path":"/metadata/uid","value":"u"}])"));
  EXPECT_TRUE(holds(R"([{"op":"test","path":"/metadata/annotations/a~1b","value":"1"}])"));
  EXPECT_TRUE(holds(R"([{"op":"test","path":"/spec","value":{"list":[1,2]}},{"op":"replace","path":"/nowhere","value":1}])"));
  EXPECT_TRUE(holds(R"([{"op":"test","path":"/spec/none","value":null}])"));
  EXPECT_FALSE(holds(R"([{"op":"test","path":"/metadata/uid","value":"u"},{"op":"test","path":"/spec/list/0","value":2}])"));
  EXPECT_FALSE(holds(R"([{"op":"test","path":"/spec/none","value":1}])"));
  EXPECT_FALSE(holds(R"([{"op":"test","path":"/spec/list/7","value":1}])"));
  EXPECT_TRUE(holds(R"([{"op":"test","path":"no slash","value":1}])"));  // not about the object
  EXPECT_TRUE(holds("not JSON"));
}

TEST(Answers, ReadRetryAfter) {
  EXPECT_EQ(asked_to_wait({429, {{"retry-after", "7"}}, ""}), 7s);
  EXPECT_EQ(asked_to_wait({429, {}, ""}), 1s);
  EXPECT_EQ(asked_to_wait({429, {{"retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"}}, ""}), 1s);
  EXPECT_EQ(asked_to_wait({429, {{"retry-after", "86400"}}, ""}), 60s);
  EXPECT_EQ(asked_to_wait({503, {{"retry-after", "3"}}, ""}), 3s);
  EXPECT_EQ(asked_to_wait({503, {}, ""}), std::nullopt);
  EXPECT_EQ(asked_to_wait({500, {{"retry-after", "3"}}, ""}), std::nullopt);
  EXPECT_THAT(error_of({429, {{"retry-after", "7"}}, ""}, "x").what, testing::HasSubstr("Retry-After 7 s"));
}

}  // namespace
}  // namespace wire::unit
