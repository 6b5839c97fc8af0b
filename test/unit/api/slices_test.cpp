#include "api/projection.hpp"

#include "expect.hpp"

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> items(std::string_view text) {
  std::vector<std::string> out;
  const auto read = api::for_each_item(text, [&](std::string_view item) { out.emplace_back(item); });
  EXPECT_TRUE(read.has_value()) << read.error().what;
  return out;
}

base::Result<void> read_list(std::string_view text) {
  return api::for_each_item(text, [](std::string_view) {});
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
  const auto found = items(R"({"items":[{"a":)" + deep + "}]}");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(api::parse_pod(found[0]), is_invalid("nested deeper"));
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
    EXPECT_THAT(read_list(whole.substr(0, length)), is_invalid("malformed JSON")) << length;
  }
}

TEST(ListItems, WhatIsNoListIsRefused) {
  EXPECT_THAT(read_list(R"({"kind":"Status","code":500})"), is_invalid("no field items"));
  EXPECT_THAT(read_list(R"({"items":{}})"), is_invalid("malformed"));
  EXPECT_THAT(read_list(R"({"items":"x"})"), is_invalid("malformed"));
  EXPECT_THAT(read_list(R"([{"items":[]}])"), is_invalid("malformed"));
  EXPECT_THAT(read_list(R"({"items":[]} {})"), is_invalid("malformed"));
  EXPECT_THAT(read_list(R"({"items":[1 2]})"), is_invalid("malformed"));
  EXPECT_THAT(read_list(R"({"items":[,]})"), is_invalid("malformed"));
}

TEST(WatchLine, IsSplitInEitherOrder) {
  for (const char* text :
       {R"({"type":"ADDED","object":{"a":"}"}})", R"( { "object" : {"a":"}"} , "x" : [] , "type" : "ADDED" } )"}) {
    const auto line = api::split_watch_line(text);
    ASSERT_TRUE(line.has_value()) << line.error().what;
    EXPECT_EQ(line->type, "ADDED");
    EXPECT_EQ(line->object, R"({"a":"}"})");
  }
}

TEST(WatchLine, ACutOneIsNeverAWholeOne) {
  const std::string whole = R"({"type":"MODIFIED","object":{"metadata":{"name":"a\\"}}})";
  EXPECT_TRUE(api::split_watch_line(whole).has_value());
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(api::split_watch_line(whole.substr(0, length)), is_invalid("watch event: malformed JSON")) << length;
  }
}

TEST(WatchLine, NeedsBothParts) {
  for (const char* text :
       {"{}", R"({"type":"ADDED"})", R"({"object":{}})", R"({"type":5,"object":{}})", R"({"type":"","object":{}})",
        R"({"type":"ADDED","object":[]})", R"({"type":"ADDED","object":null})"}) {
    EXPECT_THAT(api::split_watch_line(text), is_invalid("needs a text in type and an object in object")) << text;
  }
}

}  // namespace
