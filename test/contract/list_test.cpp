// Lists and their pages.
#include <vector>

#include "contract/world.hpp"
#include "fake/objects.hpp"

namespace contract {

using base::Fault;
using testing::ElementsAre;

class Lists : public Contract {
 protected:
  static std::vector<std::string> names(const json& list) {
    std::vector<std::string> out;
    for (const json& item : list.at("items")) out.push_back(item.at("metadata").at("name"));
    return out;
  }
};

TEST_F(Lists, EmptyHasAVersion) {
  const auto list = try_list(wire::kLeases);
  ASSERT_TRUE(list) << list.error().what;
  EXPECT_EQ(list->at("kind"), "LeaseList");
  EXPECT_TRUE(list->at("items").empty());
  EXPECT_GT(std::stoll(version_of(*list)), 0);
}

TEST_F(Lists, PagesAreOneMomentInTime) {
  for (const char* name : {"a", "b", "c", "d", "e"}) lease(name);
  const auto first = try_list(wire::kLeases, 2);
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_THAT(names(*first), ElementsAre("a", "b"));
  EXPECT_EQ(first->at("metadata").at("remainingItemCount"), 3);
  lease("cc");
  const auto second = try_list(wire::kLeases, 2, first->at("metadata").at("continue"));
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_THAT(names(*second), ElementsAre("c", "d"));
  EXPECT_EQ(version_of(*second), version_of(*first));
  const auto third = try_list(wire::kLeases, 2, second->at("metadata").at("continue"));
  ASSERT_TRUE(third) << third.error().what;
  EXPECT_THAT(names(*third), ElementsAre("e"));
  EXPECT_FALSE(third->at("metadata").contains("continue"));
}

TEST_F(Lists, BrokenContinueTokenIsInvalid) { EXPECT_THAT(try_list(wire::kLeases, 2, "nonsense"), is_fault(Fault::Invalid)); }

TEST_F(Lists, ItemsOfBuiltInKindsHaveNoKind) {
  lease("a");
  create(wire::kPolicies, fake::policy_json("guard", "web", ns()));
  EXPECT_FALSE(try_list(wire::kLeases).value().at("items").at(0).contains("kind"));
  EXPECT_EQ(try_list(wire::kPolicies).value().at("items").at(0).at("kind"), "RollbackPolicy");
}

TEST_F(Lists, ListsVersionIsWhereAWatchGoesOn) {
  lease("a");
  const json list = try_list(wire::kLeases).value();
  EXPECT_GE(std::stoll(version_of(list)), std::stoll(version_of(list.at("items").at(0))));
}

}  // namespace contract
