#include "api/condition.hpp"

#include "api/text.hpp"
#include "expect.hpp"

namespace {

using api::Instant;
using api::Status;
using given::at;

api::Condition condition(const char* type, Status status, const char* reason = "Because", Instant changed = {}) {
  return {type, status, reason, "m", 1, changed};
}

TEST(Conditions, ANewOneIsAddedWithItsTime) {
  api::Conditions all;
  api::set(all, condition("Ready", Status::False), at(5));
  EXPECT_EQ(all, (api::Conditions{condition("Ready", Status::False, "Because", at(5))}));
}

TEST(Conditions, TimeMovesOnlyWithTheStatus) {
  api::Conditions all{condition("Ready", Status::True, "Armed", at(1))};
  api::set(all, {"Ready", Status::True, "Other", "new", 9, {}}, at(5));
  EXPECT_EQ(all, (api::Conditions{{"Ready", Status::True, "Other", "new", 9, at(1)}}));
  api::set(all, condition("Ready", Status::Unknown, "Gone"), at(6));
  EXPECT_EQ(all, (api::Conditions{condition("Ready", Status::Unknown, "Gone", at(6))}));
}

TEST(Conditions, OthersAndTheirOrderStay) {
  api::Conditions all{condition("A", Status::True), condition("B", Status::False), condition("C", Status::True)};
  api::set(all, condition("B", Status::True), at(1));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].type, "B");
  EXPECT_EQ(api::find(all, "C"), &all[2]);
}

TEST(Conditions, OnlyTrueIsTrue) {
  const api::Conditions all{condition("T", Status::True), condition("F", Status::False), condition("U", Status::Unknown)};
  EXPECT_TRUE(api::is_true(all, "T"));
  EXPECT_FALSE(api::is_true(all, "F"));
  EXPECT_FALSE(api::is_true(all, "U"));
  EXPECT_FALSE(api::is_true(all, "absent"));
  EXPECT_EQ(api::find(all, "absent"), nullptr);
}

template <class E>
class Words : public testing::Test {};
using Enums = testing::Types<api::Status, api::Mode, api::Measure, api::Verdict, api::Mark, api::DecisionState, api::StepState,
                             api::CheckState, api::Choice>;
TYPED_TEST_SUITE(Words, Enums);

TYPED_TEST(Words, ReadBackAsTheyAreWritten) {
  int next = 0;
  for (const TypeParam each : api::All<TypeParam>::values) {
    EXPECT_EQ(static_cast<int>(each), next++);
    EXPECT_EQ(api::from_text<TypeParam>(api::to_text(each)), each);
  }
}

TYPED_TEST(Words, AnyOtherIsNone) {
  for (const char* text : {"", "true", "unknown", "Approved ", "GOOD", "Nothing"}) {
    EXPECT_EQ(api::from_text<TypeParam>(text), std::nullopt) << text;
  }
}

}  // namespace
