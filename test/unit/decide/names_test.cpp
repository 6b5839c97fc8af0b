#include "decide/names.hpp"

#include <gmock/gmock.h>

namespace {

using decide::rollback_name;
using testing::MatchesRegex;

api::Meta policy(const std::string& name, const std::string& uid = "p") {
  api::Meta meta;
  meta.name = name;
  meta.uid = uid;
  return meta;
}

const api::RevisionRef kBad{"rs-2", "web-2", 2, "f2"};

TEST(RollbackName, IsThePolicysNameAndADigest) {
  EXPECT_THAT(rollback_name(policy("web"), "t", kBad), MatchesRegex("web-[0-9a-f]{12}"));
}

TEST(RollbackName, IsTheSameForTheSameShippingWhateverElseIsKnown) {
  api::RevisionRef told_otherwise = kBad;
  told_otherwise.name = "another";
  told_otherwise.fingerprint = "another";
  EXPECT_EQ(rollback_name(policy("web"), "t", kBad), rollback_name(policy("web"), "t", told_otherwise));
}

TEST(RollbackName, DiffersWithEachPartOfTheShipping) {
  const auto name = rollback_name(policy("web"), "t", kBad);
  EXPECT_NE(name, rollback_name(policy("web", "another"), "t", kBad));
  EXPECT_NE(name, rollback_name(policy("web"), "another", kBad));
  EXPECT_NE(name, rollback_name(policy("web"), "t", {"another", "web-2", 2, "f2"}));
  EXPECT_NE(name, rollback_name(policy("web"), "t", {"rs-2", "web-2", 3, "f2"})) << "the same revision shipped again";
}

TEST(RollbackName, CutsLongNamesWithoutATrailingDashOrDot) {
  EXPECT_THAT(rollback_name(policy(std::string(100, 'a')), "t", kBad), MatchesRegex("a{36}-[0-9a-f]{12}"));
  EXPECT_THAT(rollback_name(policy(std::string(34, 'a') + "-.-b"), "t", kBad), MatchesRegex("a{34}-[0-9a-f]{12}"));
}

}  // namespace
