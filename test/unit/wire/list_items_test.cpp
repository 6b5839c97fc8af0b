#include "support.hpp"
#include "wire/json_text.hpp"

namespace wire::unit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> items(std::string_view text) {
  std::vector<std::string> out;
  const auto read = for_each_item(text, [&](std::string_view item) { out.emplace_back(item); });
  EXPECT_TRUE(read.has_value()) << read.error().what;
  return out;
}

base::Result<void> read_list(std::string_view text) {
  return for_each_item(text, [](std::string_view) {});
}

TEST(ListItems, AreTheirOwnTexts) {
  EXPECT_THAT(items(R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[{"a":1},{"b":[{"c":"]}"}]}]})"),
              ElementsAre(R"({"a":1})", R"({"b":[{"c":"]}"}]})"));
}

TEST(ListItems, QuotesBackslashesAndBlanksDoNotMislead) {
  EXPECT_THAT(items("{ \"x\" : \"items\\\":[\" ,\n\"items\" :\t[ {\"a\":\"\\\\\"} ,{\"b\":\"}\\\"{\"}\r\n] , \"y\" : null } "),
              ElementsAre(R"({"a":"\\"})", R"({"b":"}\"{"})"));
}

TEST(ListItems, AnEmptyListHasNone) {
  EXPECT_THAT(items(R"({"items":[]})"), IsEmpty());
  EXPECT_THAT(items(R"({"items":null})"), IsEmpty());
}

TEST(ListItems, OnlyThoseOfTheListItself) {
  EXPECT_THAT(items(R"({"metadata":{"items":[{"no":1}]},"items":[{"yes":1}]})"), ElementsAre(R"({"yes":1})"));
}

TEST(ListItems, HostileNestingIsPassedOnForTheParserToRefuse) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(items(R"({"items":[{"a":)" + deep + "}]}"), ElementsAre(R"({"a":)" + deep + "}"));
}

TEST(ListItems, ThousandsComeInOrder) {
  std::string text = R"({"items":[)";
  for (int i = 0; i < 10'000; ++i) text += (i == 0 ? "" : ",") + std::to_string(i);
  const auto found = items(text + "]}");
  ASSERT_EQ(found.size(), 10'000u);
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(found[i], std::to_string(i));
}

TEST(ListItems, ACutListIsNeverAWholeOne) {
  const std::string whole = R"({"metadata":{"a":"b\"c"},"items":[{"a":[1,{}]},{"b":null}],"z":1})";
  EXPECT_TRUE(read_list(whole).has_value());
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(read_list(whole.substr(0, length)), FailsWith(Fault::Invalid, "malformed JSON")) << length;
  }
}

TEST(ListItems, WhatIsNoListIsRefused) {
  EXPECT_THAT(read_list(R"({"kind":"Status","code":500})"), FailsWith(Fault::Invalid, "no field items"));
  EXPECT_THAT(read_list(R"({"items":{}})"), FailsWith(Fault::Invalid, "malformed"));
  EXPECT_THAT(read_list(R"({"items":"x"})"), FailsWith(Fault::Invalid, "malformed"));
  EXPECT_THAT(read_list(R"([{"items":[]}])"), FailsWith(Fault::Invalid, "malformed"));
  EXPECT_THAT(read_list(R"({"items":[]} {})"), FailsWith(Fault::Invalid, "malformed"));
  EXPECT_THAT(read_list(R"({"items":[1 2]})"), FailsWith(Fault::Invalid, "malformed"));
  EXPECT_THAT(read_list(R"({"items":[,]})"), FailsWith(Fault::Invalid, "malformed"));
}

}  // namespace
}  // namespace wire::unit
