#include "act/traffic.hpp"

#include <algorithm>

#include "act/ownership.hpp"

#include "fake/kinds.hpp"
#include "unit/act/given.hpp"

namespace {

using act_test::fails_with;
using base::Fault;
using nlohmann::json;
using testing::IsEmpty;
using testing::SizeIs;

const char* const kStable = "web";
const char* const kCanary = "web-canary";

api::CanaryPair pair_with(const api::Router& router) {
  return {{{std::string(router.group), std::string(router.kind), "web"}}, kStable, kCanary};
}

// A backend of a route of this kind, as people write it; without a weight if it is negative.
json backend(const api::Router& router, const std::string& service, int weight, json more = json::object()) {
  json out = std::move(more);
  out[json::json_pointer(std::string(router.host))] = service;
  if (weight >= 0) out["weight"] = weight;
  return out;
}

json route_of_rules(const api::Router& router, const std::vector<std::vector<json>>& rules) {
  json list = json::array();
  for (const auto& backends : rules)
    list.push_back(
        {{std::string(router.backends), backends}, {"matches", {{{"path", "/"}}}}, {"timeouts", {{"request", "1s"}}}});
  return {{"apiVersion", std::string(router.group) + "/" + std::string(router.version)},
          {"kind", router.kind},
          {"metadata", {{"namespace", fake::kNamespace}, {"name", "web"}, {"uid", "u1"}, {"labels", {{"team", "a"}}}}},
          {"spec", {{std::string(router.rules), list}, {"hostnames", {"web.example.com"}}}}};
}

// What a write changes: "pointer=value", in the order of the document.
std::vector<std::string> changes(const json& route, const api::Router& router) {
  const auto patch = act::weights_patch(route, router, pair_with(router), fake::kNamespace);
  if (!patch) return {};
  const json after = route.patch(json::parse(*patch));
  std::vector<std::string> out;
  for (const auto& change : json::diff(route, after)) {
    const std::string path = change["path"];
    out.push_back(path.substr(path.find('/', 6)) + "=" + change.value("value", json()).dump());
  }
  std::sort(out.begin(), out.end());
  return out;
}

struct Shape {
  const char* name;
  std::vector<std::vector<json>> (*rules)(const api::Router&);
  std::vector<std::string> gateway, other;  // what is changed, behind the list of rules, B for the list of backends
};

const Shape kShapes[] = {
    // C30, R12: the sum stays, whatever it is; a stable side without weight gets one in the same write
    {"two_backends",
     [](const auto& r) { return std::vector<std::vector<json>>{{backend(r, kStable, 90), backend(r, kCanary, 10)}}; },
     {"/0/B/0/weight=100", "/0/B/1/weight=0"},
     {"/0/B/0/weight=100", "/0/B/1/weight=0"}},
    {"the_canary_first",
     [](const auto& r) { return std::vector<std::vector<json>>{{backend(r, kCanary, 10), backend(r, kStable, 90)}}; },
     {"/0/B/0/weight=0", "/0/B/1/weight=100"},
     {"/0/B/0/weight=0", "/0/B/1/weight=100"}},
    {"a_third_keeps_its_share",
     [](const auto& r) {
       return std::vector<std::vector<json>>{{backend(r, kStable, 50), backend(r, kCanary, 20), backend(r, "old", 30)}};
     },
     {"/0/B/0/weight=70", "/0/B/1/weight=0"},
     {"/0/B/0/weight=70", "/0/B/1/weight=0"}},
    {"weights_that_do_not_sum_up",
     [](const auto& r) { return std::vector<std::vector<json>>{{backend(r, kStable, 7), backend(r, kCanary, 4)}}; },
     {"/0/B/0/weight=11", "/0/B/1/weight=0"},
     {"/0/B/0/weight=11", "/0/B/1/weight=0"}},
    {"all_of_it_on_the_canary",
     [](const auto& r) { return std::vector<std::vector<json>>{{backend(r, kStable, 0), backend(r, kCanary, 100)}}; },
     {"/0/B/0/weight=100", "/0/B/1/weight=0"},
     {"/0/B/0/weight=100", "/0/B/1/weight=0"}},
    {"no_weight_anywhere_is_even",
     [](const auto& r) { return std::vector<std::vector<json>>{{backend(r, kStable, -1), backend(r, kCanary, -1)}}; },
     {"/0/B/0/weight=2", "/0/B/1/weight=0"},
     {"/0/B/0/weight=2", "/0/B/1/weight=0"}},
    {"one_weight_that_is_absent",
     [](const auto& r) { return std::vector<std::vector<json>>{{backend(r, kStable, 9), backend(r, kCanary, -1)}}; },
     {"/0/B/0/weight=10", "/0/B/1/weight=0"},
     {}},
    {"several_rules_and_one_of_the_canary_alone",
     [](const auto& r) {
       return std::vector<std::vector<json>>{{backend(r, kStable, 9), backend(r, kCanary, 1)},
                                             {backend(r, kCanary, 1)},
                                             {backend(r, kStable, 1)},
                                             {backend(r, "other", 1), backend(r, kCanary, 2), backend(r, kStable, 3)}};
     },
     {"/0/B/0/weight=10", "/0/B/1/weight=0", "/3/B/1/weight=0", "/3/B/2/weight=5"},
     {"/0/B/0/weight=10", "/0/B/1/weight=0", "/3/B/1/weight=0", "/3/B/2/weight=5"}},
    {"the_canary_twice",
     [](const auto& r) {
       return std::vector<std::vector<json>>{{backend(r, kStable, 50), backend(r, kCanary, 30), backend(r, kCanary, 20)}};
     },
     {"/0/B/0/weight=100", "/0/B/1/weight=0", "/0/B/2/weight=0"},
     {"/0/B/0/weight=100", "/0/B/1/weight=0", "/0/B/2/weight=0"}},
    {"the_stable_side_twice",
     [](const auto& r) {
       return std::vector<std::vector<json>>{{backend(r, kStable, 20), backend(r, kStable, 30), backend(r, kCanary, 50)}};
     },
     {"/0/B/0/weight=70", "/0/B/2/weight=0"},
     {"/0/B/0/weight=70", "/0/B/2/weight=0"}},
    {"weights_near_what_is_allowed",
     [](const auto& r) { return std::vector<std::vector<json>>{{backend(r, kStable, 900'000), backend(r, kCanary, 500'000)}}; },
     {"/0/B/0/weight=1000000", "/0/B/1/weight=0"},
     {"/0/B/0/weight=1400000", "/0/B/1/weight=0"}},
    {"nothing_left_to_move",
     [](const auto& r) { return std::vector<std::vector<json>>{{backend(r, kStable, 100), backend(r, kCanary, 0)}}; },
     {},
     {}},
    {"services_of_another_namespace",
     [](const auto& r) {
       const json elsewhere{{"namespace", "elsewhere"}};
       return std::vector<std::vector<json>>{{backend(r, kStable, 9), backend(r, kCanary, 1, elsewhere)},
                                             {backend(r, "web.elsewhere", 9), backend(r, "web-canary.elsewhere", 1)}};
     },
     {},
     {}},
};

class EveryRouter : public testing::TestWithParam<std::tuple<size_t, size_t>> {
 protected:
  const api::Router& router = api::routers().at(std::get<0>(GetParam()));
  const Shape& shape = kShapes[std::get<1>(GetParam())];
};

TEST_P(EveryRouter, LosesTheCanarysWeightAndNothingElse) {
  auto want = router.one_if_absent ? shape.gateway : shape.other;
  for (auto& change : want) change.replace(change.find("/B/"), 3, "/" + std::string(router.backends) + "/");
  for (auto& change : want) change.insert(0, "/" + std::string(router.rules));
  for (auto& change : want) change = change.substr(change.find('/', 1));
  auto got = changes(route_of_rules(router, shape.rules(router)), router);
  for (auto& change : got) change = change.substr(change.find('/', 0));
  EXPECT_EQ(got, want);
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryRouter,
                         testing::Combine(testing::Range<size_t>(0, api::routers().size()),
                                          testing::Range<size_t>(0, std::size(kShapes))),
                         [](const auto& info) {
                           return std::string(api::routers()[std::get<0>(info.param)].kind) + "_" +
                                  kShapes[std::get<1>(info.param)].name;
                         });

// C32: what is not a weight stays as it was written, known or not.
TEST(Weights, AreAllThatIsWritten) {
  const json ours = json::parse(R"({
    "retries": {"attempts": 3, "perTryTimeout": "2s"}, "mirrorPercentage": {"value": 0.1}, "timeout": "5s", "x-vendor": {"a": [1, null]},
    "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "x", "value": "1e3"}]}}],
    "corsPolicy": {"allowOrigins": [{"exact": "*"}], "maxAge": "24h"}, "delegate": {"name": "other"}, "big": 9007199254740993})");
  for (const auto& router : api::routers()) {
    json route = route_of_rules(router, {{backend(router, kStable, 80, ours), backend(router, kCanary, 20, ours)},
                                         {backend(router, "other", 1, ours)}});
    for (auto& rule : route["spec"][std::string(router.rules)]) rule.update(ours);
    route["spec"].update(ours);
    const auto patch = act::weights_patch(route, router, pair_with(router), fake::kNamespace);
    ASSERT_TRUE(patch) << router.kind;
    json after = route.patch(json::parse(*patch));
    auto& backends = after["spec"][std::string(router.rules)][0][std::string(router.backends)];
    EXPECT_EQ(std::exchange(backends[0]["weight"], 80), 100) << router.kind;
    EXPECT_EQ(std::exchange(backends[1]["weight"], 20), 0) << router.kind;
    EXPECT_EQ(after.dump(), route.dump()) << router.kind;
  }
}

// A mirror gets copies and no share: at weight 0 Contour would send it all of them.
TEST(Weights, OfAMirrorAreLeft) {
  const auto mirrored = [](const char* kind, const json& more) {
    const auto& router =
        *std::find_if(api::routers().begin(), api::routers().end(), [&](const auto& row) { return row.kind == kind; });
    json route = route_of_rules(router, {{backend(router, kStable, 100)}});
    auto& rule = route["spec"][std::string(router.rules)][0];
    if (more.contains("mirror") && more["mirror"] == true)
      rule[std::string(router.backends)].push_back(backend(router, kCanary, 10, more));
    else
      rule.update(more);
    const auto pair = pair_with(router);
    EXPECT_FALSE(act::weights_patch(route, router, pair, fake::kNamespace)) << kind;
    return api::read_route(route, router, pair, fake::kNamespace).mirrors;
  };
  EXPECT_TRUE(mirrored("HTTPProxy", {{"mirror", true}}));
  EXPECT_TRUE(mirrored("HTTPRoute", {{"filters", {{{"requestMirror", {{"backendRef", {{"name", kCanary}}}}}}}}}));
  EXPECT_TRUE(mirrored("VirtualService", {{"mirror", {{"host", kCanary}}}}));
  EXPECT_TRUE(mirrored("VirtualService", {{"mirrors", {{{"destination", {{"host", kCanary}}}}}}}));
  EXPECT_FALSE(mirrored("VirtualService", {{"mirror", {{"host", "other"}}}}));
}

TEST(Weights, HostsMayBeWritten) {
  const auto& istio = *api::find_router({"networking.istio.io", "VirtualService", ""});
  for (const char* ending : {"", ".shop", ".shop.svc", ".shop.svc.cluster.local"}) {
    const json route = route_of_rules(istio, {{backend(istio, kStable + std::string(ending), 9), backend(istio, kCanary, 1)}});
    EXPECT_TRUE(act::weights_patch(route, istio, pair_with(istio), fake::kNamespace)) << ending;
  }
}

class MoveTrafficTest : public act_test::Shipped {
 protected:
  MoveTrafficTest() { user.create(route_of_rules(router, {{backend(router, kStable, 90), backend(router, kCanary, 10)}})); }

  decide::MoveTraffic move() const { return {on_bad_target(), pair.routes.front(), uid(route), pair}; }
  int weight(int of) const { return user.get(route)["spec"]["rules"][0]["backendRefs"][of]["weight"]; }

  const api::Router& router = api::routers().front();
  const api::CanaryPair pair = pair_with(router);
  const wire::Ref route = act_test::ref(fake::kHttpRoutes, "web");
};

TEST_F(MoveTrafficTest, IsOneWriteAndTheSecondIsNone) {
  ASSERT_TRUE(act::move_traffic(cluster, move()));
  EXPECT_EQ(weight(0), 100);
  EXPECT_EQ(weight(1), 0);
  ASSERT_TRUE(act::move_traffic(cluster, move()));
  EXPECT_THAT(cluster.writes(), SizeIs(1));
}

TEST_F(MoveTrafficTest, OfARouteThatChangesMeanwhileIsAConflict) {
  act_test::Meddled api(cluster);
  api.before_patch = [this] {
    user.update(route, [](json& object) { object["spec"]["rules"][0]["backendRefs"][1]["weight"] = 50; });
  };
  EXPECT_THAT(act::move_traffic(api, move()), fails_with(Fault::Conflict));
  EXPECT_EQ(weight(1), 50);
}

TEST_F(MoveTrafficTest, IsNotDoneOnceAnotherReleaseIsLive) {
  const auto seen = move();
  user.update(act_test::kWeb, [](json& web) { web["spec"]["template"]["spec"]["containers"][0]["image"] = "app:3"; });
  EXPECT_THAT(act::move_traffic(cluster, seen), fails_with(Fault::Conflict));
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

TEST_F(MoveTrafficTest, IsHandedBack) {
  ASSERT_TRUE(act::move_traffic(cluster, move()));
  const auto owned = [this] { return api::read_route(user.get(route), router, pair, fake::kNamespace).owned_by_us; };
  EXPECT_TRUE(owned());
  ASSERT_TRUE(
      act::give_back_ownership(cluster, {{{fake::kNamespace, "web"}, uid(route), "guard-x", "u"}, pair.routes.front()}));
  EXPECT_FALSE(owned());
  EXPECT_EQ(weight(1), 0);
}

}  // namespace
