// Cut the controller before and after the commit of its every write, restart it, and demand the same end and the same writes.
#include <gmock/gmock.h>

#include "crash/stories.hpp"

namespace {

using crash::End;
using crash::Scenario;
using crash::When;

class CrashTest : public testing::TestWithParam<Scenario> {};

void expect_same(const End& want, const End& got, When when, int k) {
  const std::string where = std::string(when == When::Before ? "before" : "after") + " write " + std::to_string(k);
  for (const auto& [name, text] : want.objects) {
    const auto found = got.objects.find(name);
    ASSERT_NE(found, got.objects.end()) << where << ": " << name << " is missing";
    EXPECT_EQ(found->second, text) << where << ": " << name;
  }
  EXPECT_EQ(got.objects.size(), want.objects.size()) << where;
  EXPECT_THAT(got.writes, testing::ContainerEq(want.writes)) << where;
  EXPECT_EQ(got.template_writes, want.template_writes) << where;
}

TEST_P(CrashTest, EndsTheSameWhereverItIsCut) {
  const End want = crash::play(GetParam());
  ASSERT_GT(want.port_writes, 2);
  for (int k = 1; k <= want.port_writes; ++k) {
    for (const auto when : {When::Before, When::After}) {
      const End got = crash::play(GetParam(), when, k);
      EXPECT_TRUE(got.was_cut) << k;
      expect_same(want, got, when, k);
      if (HasFailure()) return;  // the first difference tells most
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Stories, CrashTest, testing::ValuesIn(crash::stories()),
                         [](const auto& info) { return info.param.name; });

// What the stories come to when nothing is cut: else the comparison above would compare nothing.
class CleanRuns : public testing::TestWithParam<Scenario> {};

TEST_P(CleanRuns, EndAsTold) {
  const auto& ending = GetParam().ending;
  const End end = crash::play(GetParam());
  EXPECT_EQ(end.template_writes, ending.template_writes);
  std::string objects;
  for (const auto& [name, text] : end.objects) {
    if (ending.kind.empty() || name.starts_with(ending.kind + "/")) objects += text;
  }
  for (const auto& words : ending.says) EXPECT_THAT(objects, testing::HasSubstr(words));
}

INSTANTIATE_TEST_SUITE_P(Stories, CleanRuns, testing::ValuesIn(crash::stories()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
