// Who owns which field after our writes, and giving it back.
#include "contract/world.hpp"
#include "fake/objects.hpp"

namespace contract {

using base::Fault;

class FieldOwners : public Contract {
 protected:
  static constexpr const char* kImage = "/f:spec/f:template/f:spec/f:containers/k:{\"name\":\"app\"}/f:image";

  static const json* entry_of(const json& object, const std::string& manager) {
    for (const json& entry : object.at("metadata").at("managedFields")) {
      if (entry.at("manager") == manager && !entry.contains("subresource")) return &entry;
    }
    return nullptr;
  }
  static bool owns_image(const json& object, const std::string& manager) {
    const json* entry = entry_of(object, manager);
    return entry != nullptr && entry->at("fieldsV1").contains(json::json_pointer(kImage));
  }
  base::Result<json> set_owners(const json& read, const json& owners) {
    return try_patch(web_, json::array({op("replace", "/metadata/managedFields", owners),
                                        op("replace", "/metadata/resourceVersion", version_of(read))}));
  }
  // The Deployment as if kubectl had made it, with its image then changed by us.
  json overtaken() {
    const json made = create(wire::kDeployments, deployment("web"));
    json owners = json::array({*entry_of(made, "rollback-controller")});
    owners[0]["manager"] = "kubectl";
    EXPECT_TRUE(eventually([&] { return set_owners(read(web_), owners).has_value(); }));
    return patch(web_, json::array({op("replace", "/spec/template/spec/containers/0/image", "localhost/app:2")}));
  }
  wire::Ref web_ = ref(wire::kDeployments, "web");
};

TEST_F(FieldOwners, CreatorOwnsWhatItSet) {
  const json made = create(wire::kDeployments, deployment("web"));
  const json* ours = entry_of(made, "rollback-controller");
  ASSERT_NE(ours, nullptr);
  EXPECT_EQ(ours->at("operation"), "Update");
  EXPECT_EQ(ours->at("apiVersion"), "apps/v1");
  EXPECT_EQ(ours->at("fieldsType"), "FieldsV1");
  EXPECT_TRUE(owns_image(made, "rollback-controller"));
  EXPECT_TRUE(ours->at("fieldsV1").contains("/f:spec/f:template/f:metadata/f:labels/f:app"_json_pointer));
  EXPECT_TRUE(ours->at("fieldsV1").contains("/f:spec/f:replicas"_json_pointer));
  EXPECT_FALSE(ours->at("fieldsV1").contains("/f:metadata/f:name"_json_pointer));
}

TEST_F(FieldOwners, PatchTakesWhatItChangesAndNoMore) {
  const json after = overtaken();
  ASSERT_TRUE(after.is_object());
  EXPECT_TRUE(owns_image(after, "rollback-controller"));
  EXPECT_FALSE(owns_image(after, "kubectl"));
  const json* ours = entry_of(after, "rollback-controller");
  EXPECT_FALSE(ours->at("fieldsV1").contains("/f:spec/f:replicas"_json_pointer));
  EXPECT_TRUE(entry_of(after, "kubectl")->at("fieldsV1").contains("/f:spec/f:replicas"_json_pointer));
}

TEST_F(FieldOwners, ReplacingTheTemplateByAnEqualOneButForOneFieldTakesThatFieldOnly) {
  overtaken();
  const json now = read(web_);
  json next = now.at("spec").at("template");
  next["spec"]["containers"][0]["image"] = "localhost/app:3";
  const json after = patch(web_, json::array({op("replace", "/spec/template", next)}));
  ASSERT_TRUE(after.is_object());
  json only_image;
  only_image[json::json_pointer(kImage)] = json::object();
  EXPECT_EQ(entry_of(after, "rollback-controller")->at("fieldsV1"), only_image);
}

TEST_F(FieldOwners, AreGivenBackByAMetadataOnlyPatch) {
  overtaken();
  json handed;
  const auto hand_back = [&] {
    const json now = read(web_);
    json owners = json::array();
    for (json entry : now.at("metadata").at("managedFields")) {
      if (entry.at("manager") == "rollback-controller") continue;
      if (entry.at("manager") == "kubectl") entry["fieldsV1"][json::json_pointer(kImage)] = json::object();
      owners.push_back(entry);
    }
    const auto done = set_owners(now, owners);
    if (done) handed = *done;
    return done.has_value();
  };
  ASSERT_TRUE(eventually(hand_back)) << "a Conflict only while the Deployment's controller writes";
  EXPECT_TRUE(owns_image(handed, "kubectl"));
  EXPECT_EQ(entry_of(handed, "rollback-controller"), nullptr);
  EXPECT_EQ(handed.at("spec").at("template").at("spec").at("containers").at(0).at("image"), "localhost/app:2");
}

TEST_F(FieldOwners, AreNotGivenBackOnAnOldVersion) {
  const json after = overtaken();
  patch(web_, json::array({op("add", "/metadata/labels", {{"a", "b"}})}));
  EXPECT_THAT(set_owners(after, json::array()), is_fault(Fault::Conflict));
}

TEST_F(FieldOwners, StatusWritesAreApart) {
  create(wire::kDeployments, deployment("web"));
  const json condition{{"type", "Seen"}, {"status", "True"}};
  const json after =
      patch(ref(wire::kDeployments, "web", "status"), json::array({op("add", "/status/conditions", json::array({condition}))}));
  ASSERT_TRUE(after.is_object());
  bool found = false;
  for (const json& entry : after.at("metadata").at("managedFields")) {
    found = found || (entry.at("manager") == "rollback-controller" && entry.value("subresource", "") == "status");
  }
  EXPECT_TRUE(found);
}

TEST_F(FieldOwners, AMinimumOfAnAutoscalerIsTakenAndGivenBack) {
  const wire::Ref scaler = ref(wire::kAutoscalers, "web");
  const json made = create(wire::kAutoscalers, fake::autoscaler_json("web", 2, 5, ns()));
  json owners = made.at("metadata").at("managedFields");
  owners[0]["manager"] = "kubectl";
  patch(scaler, json::array({op("replace", "/metadata/managedFields", owners)}));
  const json raised = patch(scaler, json::array({op("test", "/spec/minReplicas", 2), op("replace", "/spec/minReplicas", 4)}));
  const json* ours = entry_of(raised, "rollback-controller");
  ASSERT_NE(ours, nullptr);
  EXPECT_EQ(ours->at("fieldsV1").at("f:spec"), (json{{"f:minReplicas", json::object()}}));
  EXPECT_THAT(try_patch(scaler, json::array({op("test", "/spec/minReplicas", 2), op("replace", "/spec/minReplicas", 1)})),
              is_fault(Fault::Conflict));
  patch(scaler, json::array({op("replace", "/metadata/managedFields", owners)}));
  const json back = read(scaler);
  EXPECT_EQ(entry_of(back, "rollback-controller"), nullptr);
  EXPECT_EQ(back.at("spec").at("minReplicas"), 4);
}

}  // namespace contract
