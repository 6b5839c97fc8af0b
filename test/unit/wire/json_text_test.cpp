#include "wire/json_text.hpp"

#include "support.hpp"

namespace wire::unit {
namespace {

using testing::Eq;
using testing::Optional;

TEST(JsonText, FindsMembersOfEveryForm) {
  const std::string_view text = R"( { "a" : "x\"}" , "b":{"c":[1,{"d":"]"}]},"e": -1.5e3 ,"f":null,"g":[]} )";
  EXPECT_THAT(member(text, "a"), Optional(Eq(R"("x\"}")")));
  EXPECT_THAT(member(text, "b"), Optional(Eq(R"({"c":[1,{"d":"]"}]})")));
  EXPECT_THAT(member(text, "e"), Optional(Eq("-1.5e3")));
  EXPECT_THAT(member(text, "f"), Optional(Eq("null")));
  EXPECT_THAT(member(text, "g"), Optional(Eq("[]")));
  EXPECT_EQ(member(text, "c"), std::nullopt);  // only the object's own members
}

TEST(JsonText, FindsNothingInBrokenText) {
  for (const std::string_view text : {"", "{", "[]", "null", R"({"a)", R"({"a")", R"({"a":)", R"({"a":"b)", R"({"a":{"b":1)",
                                      R"({"a" 1})", R"({"a":})", R"({"x":1 "a":2})", R"({"x":"\)", R"({"x":]})"}) {
    EXPECT_EQ(member(text, "a"), std::nullopt) << text;
  }
}

TEST(JsonText, DoesNotRecurse) {
  const std::string deep = R"({"x":)" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + R"(,"a":1})";
  EXPECT_THAT(member(deep, "a"), Optional(Eq("1")));
}

TEST(JsonText, ReadsPlainStringsOnly) {
  const std::string_view text = R"({"a":"plain","b":"esc\n","c":5,"d":"","f":{"x":[{"g":"no"}],"g":"deep"},"g":"top"})";
  EXPECT_EQ(plain_string(text, {"a"}), "plain");
  EXPECT_EQ(plain_string(text, {"b"}), "");
  EXPECT_EQ(plain_string(text, {"c"}), "");
  EXPECT_EQ(plain_string(text, {"d"}), "");
  EXPECT_EQ(plain_string(text, {"e"}), "");
  EXPECT_EQ(plain_string(text, {"f", "g"}), "deep");
  EXPECT_EQ(plain_string(text, {"a", "g"}), "");
  EXPECT_EQ(plain_string(text, {"f", "h"}), "") << "it is not looked for in what is around";
}

}  // namespace
}  // namespace wire::unit
