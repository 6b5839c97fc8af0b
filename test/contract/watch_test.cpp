// Watches: all changes are made before the watch opens, so that nothing depends on how fast it is.
#include <vector>

#include "contract/world.hpp"
#include "fake/objects.hpp"

namespace contract {

using testing::ElementsAre;

class Watches : public Contract {
 protected:
  // Lines until `enough` of them came or the server ended the watch.
  std::vector<json> watch(const wire::Kind& kind, const std::string& version, std::size_t enough) {
    std::vector<json> lines;
    const auto sink = [&](std::string_view line) {
      lines.push_back(json::parse(line));
      return lines.size() < enough;
    };
    const auto end = api().watch({kind, ns()}, {version, 5}, sink, {});
    if (!end) ADD_FAILURE() << end.error().what;
    return lines;
  }
  static std::vector<std::string> types(const std::vector<json>& lines) {
    std::vector<std::string> out;
    for (const json& line : lines) out.push_back(line.at("type"));
    return out;
  }
};

TEST_F(Watches, TellsWhatHappenedAfterAVersion) {
  const json made = lease("one");
  patch(ref(wire::kLeases, "one"), json::array({op("replace", "/spec/holderIdentity", "two")}));
  ASSERT_TRUE(api().remove(ref(wire::kLeases, "one"), uid_of(made)));
  const std::string before = std::to_string(std::stoll(version_of(made)) - 1);
  const auto lines = watch(wire::kLeases, before, 3);
  ASSERT_THAT(types(lines), ElementsAre("ADDED", "MODIFIED", "DELETED"));
  EXPECT_EQ(lines[0].at("object").at("kind"), "Lease") << "unlike the items of a list";
  EXPECT_EQ(version_of(lines[0].at("object")), version_of(made));
  EXPECT_EQ(lines[2].at("object").at("spec").at("holderIdentity"), "two") << "the last state";
  EXPECT_GT(std::stoll(version_of(lines[2].at("object"))), std::stoll(version_of(lines[1].at("object"))))
      << "the deletion's own version";
}

TEST_F(Watches, StartsAfterTheVersionNotAtIt) {
  const json made = lease("one");
  const json changed = patch(ref(wire::kLeases, "one"), json::array({op("replace", "/spec/holderIdentity", "two")}));
  const auto lines = watch(wire::kLeases, version_of(made), 1);
  ASSERT_THAT(types(lines), ElementsAre("MODIFIED"));
  EXPECT_EQ(version_of(lines[0].at("object")), version_of(changed));
}

TEST_F(Watches, WithoutAVersionBeginsWithWhatIsThere) {
  lease("one");
  lease("two");
  EXPECT_THAT(types(watch(wire::kLeases, "", 2)), ElementsAre("ADDED", "ADDED"));
}

// The API server sends one only if an object of the kind changed while the watch was open: the first line tells that it is.
TEST_F(Watches, BookmarkBeforeTheEndCarriesAVersionOnly) {
  const json made = lease("one");
  const auto change = [&](const char* holder) {
    return version_of(patch(ref(wire::kLeases, "one"), json::array({op("replace", "/spec/holderIdentity", holder)})));
  };
  change("two");
  json last;
  const auto sink = [&](std::string_view line) {
    const bool is_first = last.is_null();
    last = json::parse(line);
    if (is_first) change("three");
    return last.at("type") != "BOOKMARK";
  };
  ASSERT_TRUE(api().watch({wire::kLeases, ns()}, {version_of(made), 5}, sink, {}));
  ASSERT_EQ(last.at("type"), "BOOKMARK");
  const json& object = last.at("object");
  EXPECT_EQ(object.at("kind"), "Lease");
  EXPECT_EQ(object.at("apiVersion"), "coordination.k8s.io/v1");
  EXPECT_GT(std::stoll(version_of(object)), std::stoll(version_of(made)));
  EXPECT_EQ(object.at("metadata").value("name", ""), "");
}

TEST_F(Watches, CustomObjectsAreWatchedAlike) {
  const json made = create(wire::kPolicies, fake::policy_json("guard", "web", ns()));
  patch(ref(wire::kPolicies, "guard"), json::array({op("replace", "/spec/mode", "Paused")}));
  const auto lines = watch(wire::kPolicies, version_of(made), 1);
  ASSERT_THAT(types(lines), ElementsAre("MODIFIED"));
  EXPECT_EQ(lines[0].at("object").at("spec").at("mode"), "Paused");
}

TEST_F(Watches, AncientVersionIsA410InTheStream) {
  create(wire::kPolicies, fake::policy_json("guard", "web", ns()));  // a kind that came after the first versions
  const auto lines = watch(wire::kPolicies, "1", 1);
  ASSERT_THAT(types(lines), ElementsAre("ERROR"));
  EXPECT_EQ(lines[0].at("object").at("kind"), "Status");
  EXPECT_EQ(lines[0].at("object").at("code"), 410);
  EXPECT_EQ(lines[0].at("object").at("reason"), "Expired");
}

}  // namespace contract
