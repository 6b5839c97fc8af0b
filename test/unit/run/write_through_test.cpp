// What we wrote is known before the watch tells it.
#include "run/write_through.hpp"

#include <gmock/gmock.h>

#include "fake/fake_cluster.hpp"
#include "fake/manual_clock.hpp"
#include "fake/objects.hpp"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class WriteThroughTest : public testing::Test {
 protected:
  fake::ManualClock clock;
  fake::FakeCluster cluster{clock};
  std::vector<std::string> learned;
  run::WriteThrough api{cluster, [this](const wire::Kind& kind, std::string_view object) {
                          learned.push_back(std::string(kind.plural) + " " + std::string(object));
                        }};
  const wire::Ref policy{wire::kPolicies, fake::kNamespace, "web", "", {}};
};

TEST_F(WriteThroughTest, TeachesWhatTheServerAnswered) {
  ASSERT_TRUE(api.create({wire::kPolicies, fake::kNamespace}, fake::policy_json("web", "web").dump()));
  EXPECT_THAT(learned, ElementsAre(HasSubstr("rollbackpolicies {")));
  ASSERT_TRUE(api.json_patch(policy, R"([{"op":"add","path":"/spec/mode","value":"Paused"}])"));
  EXPECT_THAT(learned, ElementsAre(HasSubstr("\"generation\":1"), HasSubstr("Paused")));
}

TEST_F(WriteThroughTest, TeachesNothingOfWhatWasRefusedOrOnlyRead) {
  cluster.as_user().create(fake::policy_json("web", "web"));
  EXPECT_FALSE(api.json_patch(policy, R"([{"op":"test","path":"/metadata/uid","value":"other"}])"));
  EXPECT_FALSE(api.create({wire::kPolicies, fake::kNamespace}, fake::policy_json("web", "web").dump()));
  EXPECT_TRUE(api.get(policy));
  EXPECT_TRUE(api.list({wire::kPolicies, ""}, 10, ""));
  EXPECT_THAT(learned, IsEmpty());
}

}  // namespace
