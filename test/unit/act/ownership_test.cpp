#include "act/ownership.hpp"

#include "act/revert.hpp"
#include "unit/act/given.hpp"

namespace {

using act::give_back_ownership;
using act::given_back;
using act::united;
using act_test::fails_with;
using act_test::kWeb;
using base::Fault;
using nlohmann::json;
using testing::IsEmpty;

struct Union {
  const char* name;
  const char* one;
  const char* other;
  const char* want;
};
class UnitedTest : public testing::TestWithParam<Union> {};

TEST_P(UnitedTest, HasWhatIsInEither) {
  const auto& row = GetParam();
  EXPECT_EQ(united(json::parse(row.one), json::parse(row.other)), json::parse(row.want));
  EXPECT_EQ(united(json::parse(row.other), json::parse(row.one)), json::parse(row.want));
}

INSTANTIATE_TEST_SUITE_P(
    Sets, UnitedTest,
    testing::Values(Union{"apart", R"({"f:a":{}})", R"({"f:b":{}})", R"({"f:a":{},"f:b":{}})"},  //
                    Union{"the_same", R"({"f:a":{"f:b":{}}})", R"({"f:a":{"f:b":{}}})", R"({"f:a":{"f:b":{}}})"},
                    Union{"nested", R"({"f:a":{"f:b":{}}})", R"({"f:a":{"f:c":{".":{}}}})",
                          R"({"f:a":{"f:b":{},"f:c":{".":{}}}})"},
                    Union{"list_items", R"({"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:value":{}}}})",
                          R"({"f:env":{".":{},"k:{\"name\":\"B\"}":{".":{}}}})",
                          R"({"f:env":{".":{},"k:{\"name\":\"A\"}":{".":{},"f:value":{}},"k:{\"name\":\"B\"}":{".":{}}}})"},
                    // {} is the field itself: beside members it is spelt ".".
                    Union{"field_and_members", R"({"f:a":{}})", R"({"f:a":{"f:b":{}}})", R"({"f:a":{".":{},"f:b":{}}})"},
                    Union{"field_and_itself", R"({"f:a":{}})", R"({"f:a":{".":{}}})", R"({"f:a":{".":{}}})"}),
    [](const auto& info) { return info.param.name; });

json entry(const std::string& manager, const std::string& operation, const json& fields, const std::string& subresource = "",
           const std::string& version = "apps/v1") {
  json out{{"manager", manager},
           {"operation", operation},
           {"apiVersion", version},
           {"fieldsType", "FieldsV1"},
           {"fieldsV1", fields}};
  if (!subresource.empty()) out["subresource"] = subresource;
  return out;
}
json template_fields(const json& fields) { return {{"f:spec", {{"f:template", {{"f:spec", fields}}}}}}; }

const json kField = json::object();
const json kOne = template_fields({{"f:a", kField}});
const json kTwo = template_fields({{"f:a", kField}, {"f:b", kField}});
const json kReplicas{{"f:spec", {{"f:replicas", kField}}}};
const json kLabels{{"f:metadata", {{"f:labels", {{"f:x", kField}}}}}};
const json kOurs = template_fields({{"f:ours", kField}});

struct Heirs {
  const char* name;
  std::vector<json> others;
  const char* want;  // the manager that gets ours; "" if none
};
class HeirTest : public testing::TestWithParam<Heirs> {};

TEST_P(HeirTest, OneManagerGetsAllOfOurs) {
  json before = json::array({entry("rollback-controller", "Update", kOurs)});
  for (const auto& other : GetParam().others) before.push_back(other);
  const auto after = given_back(before);
  ASSERT_TRUE(after);
  ASSERT_EQ(after->size(), GetParam().others.size());
  for (std::size_t i = 0; i < after->size(); ++i) {
    json want = GetParam().others[i];
    if (want["manager"] == GetParam().want) want["fieldsV1"] = united(want["fieldsV1"], kOurs);
    EXPECT_EQ(after->at(i), want);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rule, HeirTest,
    testing::Values(
        Heirs{"the_applier", {entry("kubectl-edit", "Update", kTwo), entry("helm", "Apply", kOne)}, "helm"},
        Heirs{"that_of_most_of_the_template", {entry("a", "Apply", kOne), entry("b", "Apply", kTwo)}, "b"},
        Heirs{"the_first_by_name", {entry("b", "Apply", kOne), entry("a", "Apply", kOne)}, "a"},
        Heirs{"an_updater_if_no_applier_has_the_template",
              {entry("keda", "Apply", kReplicas), entry("kubectl-client-side-apply", "Update", kOne)},
              "kubectl-client-side-apply"},
        Heirs{"of_updaters_that_of_most",
              {entry("kubectl-rollout", "Update", kOne), entry("kubectl-client-side-apply", "Update", kTwo)},
              "kubectl-client-side-apply"},
        Heirs{"one_with_a_part_of_spec_at_least", {entry("labels", "Apply", kLabels), entry("a", "Update", kReplicas)}, "a"},
        Heirs{"nobody_for_metadata_alone", {entry("labels", "Apply", kLabels)}, ""},
        Heirs{"nobody_by_a_subresource",
              {entry("hpa", "Update", kReplicas, "scale"), entry("kube-controller-manager", "Update", kTwo, "status")},
              ""},
        Heirs{"nobody_of_another_version", {entry("old", "Apply", kTwo, "", "extensions/v1beta1")}, ""}),
    [](const auto& info) { return info.param.name; });

TEST(GivenBackTest, NothingOfOursIsNothingToDo) {
  EXPECT_EQ(given_back(json()), std::nullopt);
  EXPECT_EQ(given_back(json::array({entry("helm", "Apply", kOne)})), std::nullopt);
  EXPECT_EQ(given_back(json::array({entry("rollback-controller", "Update", kOne, "status")})), std::nullopt);
}

// An empty list would be taken for a client that knows no managedFields, and ours would stay for ever.
TEST(GivenBackTest, OursAloneLeavesOneEmptyEntry) {
  EXPECT_EQ(given_back(json::array({entry("rollback-controller", "Update", kOurs)})), json::array({json::object()}));
}

const json kAnnotated{{"f:metadata", {{"f:annotations", {{"f:kubectl.kubernetes.io/last-applied-configuration", kField}}}}},
                      {"f:spec", kOurs["f:spec"]}};

TEST(GivenBackTest, AnApplierIsNotGivenLastApplied) {
  const auto after =
      given_back(json::array({entry("helm", "Apply", kOne), entry("rollback-controller", "Update", kAnnotated)}));
  EXPECT_EQ(after->at(0)["fieldsV1"], united(kOne, kOurs));
}

// kubectl finds by this field whose fields it moves to server-side apply.
TEST(GivenBackTest, AnUpdaterIs) {
  const auto after = given_back(
      json::array({entry("kubectl-client-side-apply", "Update", kOne), entry("rollback-controller", "Update", kAnnotated)}));
  EXPECT_EQ(after->at(0)["fieldsV1"], united(kOne, kAnnotated));
}

TEST(GivenBackTest, OddEntriesAreKeptAsTheyAre) {
  const json odd =
      json::array({nullptr, 7, {{"manager", "x"}}, {{"manager", "y"}, {"operation", "Apply"}, {"fieldsV1", {{"f:spec", 3}}}}});
  json before = odd;
  before.push_back(entry("rollback-controller", "Update", kOurs));
  EXPECT_EQ(given_back(before), odd);
}

class OwnershipTest : public act_test::Shipped {
 protected:
  bool is_ours(const json& deployment) const {
    for (const auto& each : deployment["metadata"]["managedFields"]) {
      if (each["manager"] == "rollback-controller") return true;
    }
    return false;
  }
  json image_owners() const {
    json out = json::array();
    const json entries = web()["metadata"]["managedFields"];
    for (const auto& each : entries) {
      if (!act::at(each, {"fieldsV1", "f:spec", "f:template", "f:spec", "f:containers", R"(k:{"name":"app"})", "f:image"})
               .is_null())
        out.push_back(each["manager"]);
    }
    return out;
  }
};

TEST_F(OwnershipTest, OfARevertGoesBackInAWriteOfMetadata) {
  ASSERT_TRUE(act::revert_template(cluster, step()));
  ASSERT_TRUE(is_ours(web()));
  EXPECT_EQ(image_owners(), json::array({"rollback-controller"}));
  const json before = web();
  ASSERT_TRUE(give_back_ownership(cluster, give_back()));
  json after = web();
  EXPECT_FALSE(is_ours(after));
  EXPECT_EQ(image_owners(), json::array({"kubectl-client-side-apply"}));
  for (const char* key : {"managedFields", "resourceVersion"}) after["metadata"][key] = before["metadata"][key];
  EXPECT_EQ(after, before);
}

TEST_F(OwnershipTest, ASecondTimeNothingIsWritten) {
  ASSERT_TRUE(act::revert_template(cluster, step()));
  ASSERT_TRUE(give_back_ownership(cluster, give_back()));
  const auto version = web()["metadata"]["resourceVersion"];
  ASSERT_TRUE(give_back_ownership(cluster, give_back()));
  EXPECT_EQ(web()["metadata"]["resourceVersion"], version);
}

TEST_F(OwnershipTest, OwnersThatChangeMeanwhileAreAConflict) {
  ASSERT_TRUE(act::revert_template(cluster, step()));
  act_test::Meddled api(cluster);
  api.before_patch = [this] {
    user.update(kWeb, [](json& web) { web["spec"]["template"]["spec"]["containers"][0]["image"] = "app:3"; });
  };
  EXPECT_THAT(give_back_ownership(api, give_back()), fails_with(Fault::Conflict));
  EXPECT_EQ(image_owners(), json::array({"kubectl-client-side-apply"}));
}

// The status of a rollout under way changes all the time.
TEST_F(OwnershipTest, AStatusThatChangesMeanwhileIsNot) {
  auto kubernetes = cluster.as_user("kube-controller-manager");
  const wire::Ref status{wire::kDeployments, fake::kNamespace, "web", "status", {}};
  const auto count = [&](int replicas) {
    kubernetes.update(status, [replicas](json& web) { web["status"]["replicas"] = replicas; });
  };
  count(1);
  ASSERT_TRUE(act::revert_template(cluster, step()));
  act_test::Meddled api(cluster);
  api.before_patch = [&] { count(2); };
  ASSERT_TRUE(give_back_ownership(api, give_back()));
  EXPECT_FALSE(is_ours(web()));
}

TEST_F(OwnershipTest, AnotherTargetOfThatNameIsAConflict) {
  auto other = give_back();
  other.uid = "other";
  EXPECT_THAT(give_back_ownership(cluster, other), fails_with(Fault::Conflict));
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

}  // namespace
