#include "act/last_applied.hpp"

#include <gmock/gmock.h>

namespace {

using act::agreeing;
using act::Change;
using nlohmann::json;

const json kRestored{
    {"metadata", {{"labels", {{"app", "web"}}}}},
    {"spec", {{"dnsPolicy", "ClusterFirst"}, {"containers", json::array({{{"name", "app"}, {"image", "app:1"}}})}}}};

std::string applied(const json& annotations = nullptr) {
  json object{{"kind", "Deployment"},
              {"metadata", {{"name", "web"}}},
              {"spec", {{"replicas", 4}, {"template", {{"spec", {{"hostNetwork", true}}}}}}}};
  if (!annotations.is_null()) object["metadata"]["annotations"] = annotations;
  return object.dump();
}

TEST(LastAppliedTest, ListsWhatComesBackAndNothingElseChanges) {
  const auto text = agreeing(applied(), json::object(), kRestored, {});
  ASSERT_TRUE(text);
  json want = json::parse(applied());
  want["spec"]["template"] = kRestored;
  EXPECT_EQ(json::parse(*text), want);
}

TEST(LastAppliedTest, WhatIsNotOursIsKeptAsItWasWritten) {
  const auto text = agreeing(R"({"z":1,"a":"x & y","spec":{"template":{},"b":0.50}})"
                             "\n",
                             json::object(), json::object({{"spec", "<"}}), {});
  EXPECT_EQ(text, R"({"z":1,"a":"x \u0026 y","spec":{"template":{"spec":"\u003c"},"b":0.5}})"
                  "\n");
}

json template_of(const std::vector<json>& containers, const json& more = json::object()) {
  json spec{{"containers", containers}};
  spec.update(more);
  return {{"spec", spec}};
}
json listed_after(const json& listed, const json& replaced, const json& restored) {
  const json object{{"spec", {{"template", listed}}}};
  return json::parse(agreeing(object.dump(), replaced, restored, {}).value())["spec"]["template"];
}
json env(const std::vector<std::string>& names) {
  json all = json::array();
  for (const auto& name : names) all.push_back({{"name", name}, {"value", "1"}});
  return all;
}
json app(const std::vector<std::string>& names, const json& more = json::object()) {
  json container{{"name", "app"}, {"env", env(names)}};
  container.update(more);
  return container;
}

// `kubectl set env`, an injected container, a default of the server: a next manifest without them must not take them away.
TEST(LastAppliedTest, WhatSomebodyElseSetIsNotListed) {
  const json side{{"name", "injected"}};
  const json policy{{"imagePullPolicy", "Always"}};
  EXPECT_EQ(
      listed_after(template_of({app({"BAD"})}), template_of({app({"BAD", "SET"}, policy), side}, {{"dnsPolicy", "Default"}}),
                   template_of({app({"GOOD", "SET"}, policy), side}, {{"dnsPolicy", "Default"}})),
      template_of({app({"GOOD"})}));
}

TEST(LastAppliedTest, WhatTheBadReleaseHadDroppedIsListed) {
  const json probe{{"readinessProbe", {{"periodSeconds", 1}}}};
  EXPECT_EQ(listed_after(template_of({app({})}), template_of({app({})}), template_of({app({"OLD"}, probe)})),
            template_of({app({"OLD"}, probe)}));
}

TEST(LastAppliedTest, AListWhoseItemsAreNotToldApartIsOneValue) {
  const json listed = template_of({app({}, {{"args", {"-v"}}})});
  EXPECT_EQ(listed_after(listed, listed, template_of({app({}, {{"args", {"-v", "-x"}}})})),
            template_of({app({}, {{"args", {"-v", "-x"}}})}));
  const json twice = template_of({app({"A", "A"})});
  EXPECT_EQ(listed_after(twice, twice, template_of({app({"A", "B"})})), template_of({app({"A", "B"})}));
}

TEST(LastAppliedTest, MountsAreToldApartByTheirPath) {
  const auto mounts = [](const std::vector<std::string>& paths) {
    json all = json::array();
    for (const auto& path : paths) all.push_back({{"name", "data"}, {"mountPath", path}});
    return json{{"volumeMounts", all}};
  };
  EXPECT_EQ(listed_after(template_of({app({}, mounts({"/a"}))}), template_of({app({}, mounts({"/a", "/theirs"}))}),
                         template_of({app({}, mounts({"/a", "/old", "/theirs"}))})),
            template_of({app({}, mounts({"/a", "/old"}))}));
}

struct Cause {
  const char* name;
  json listed;  // the annotations that were applied; null: none
  Change change;
  json want;
};
class ChangeCauseTest : public testing::TestWithParam<Cause> {};

TEST_P(ChangeCauseTest, AgreesWithTheDeployment) {
  const auto text = agreeing(applied(GetParam().listed), json::object(), kRestored, GetParam().change);
  ASSERT_TRUE(text);
  EXPECT_EQ(json::parse(*text)["metadata"].value("annotations", json()), GetParam().want);
}

const json kTwo{{"kubernetes.io/change-cause", "two"}, {"team", "blue"}};
const json kOne{{"kubernetes.io/change-cause", "one"}, {"team", "blue"}};
const json kTeam{{"team", "blue"}};
INSTANTIATE_TEST_SUITE_P(
    Rows, ChangeCauseTest,
    testing::Values(
        Cause{"listed_and_another_now", kTwo, {"two", "one"}, kOne},  //
        Cause{"listed_and_gone_now", kTwo, {"two", std::nullopt}, kTeam}, Cause{"listed_wrongly", kTwo, {"one", "one"}, kOne},
        // Not listed, the next apply would leave the cause of release 1 on release 3.
        Cause{"not_listed_and_comes_back", kTeam, {std::nullopt, "one"}, kOne},
        Cause{"no_annotations_and_comes_back", nullptr, {std::nullopt, "one"}, {{"kubernetes.io/change-cause", "one"}}},
        // A person annotates by hand, and nothing is changed by us: the next apply leaves it as it always did.
        Cause{"not_listed_and_the_same", kTeam, {"one", "one"}, kTeam},
        Cause{"not_listed_and_gone", kTeam, {"two", std::nullopt}, kTeam}),
    [](const auto& info) { return info.param.name; });

class NotATemplateTest : public testing::TestWithParam<const char*> {};

TEST_P(NotATemplateTest, IsLeftAlone) {
  EXPECT_EQ(agreeing(GetParam(), json::object(), kRestored, {std::nullopt, "one"}), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Texts, NotATemplateTest,
                         testing::Values("", "{", "[]", "null", R"("spec")", "{}", R"({"spec":[]})", R"({"spec":{}})",
                                         R"({"spec":{"template":null}})", R"({"spec":{"template":[]}})",
                                         "{\"spec\":{\"template\":{\"a\":\"\xff\"}}}"));

}  // namespace
