#include "act/patch.hpp"

#include <gtest/gtest.h>

namespace {

using nlohmann::json;

struct Spelling {
  const char* name;
  std::string value;
  const char* want;
};
class PatchSpellingTest : public testing::TestWithParam<Spelling> {};

// A server that reads "&&" and keeps "\u0026\u0026" refuses a test of "&&" for ever: no template with a shell command could be
// put back.
TEST_P(PatchSpellingTest, IsThatOfGo) {
  EXPECT_EQ(act::spelt_as_go(json(GetParam().value).dump()), GetParam().want);
  EXPECT_EQ(json::parse(act::spelt_as_go(json(GetParam().value).dump())), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(Strings, PatchSpellingTest,
                         testing::Values(Spelling{"plain", "abc", R"("abc")"},  //
                                         Spelling{"shell", "a && b <c >d", R"("a \u0026\u0026 b \u003cc \u003ed")"},
                                         Spelling{"line_separators",
                                                  "a\xe2\x80\xa8"
                                                  "b\xe2\x80\xa9",
                                                  R"("a\u2028b\u2029")"},
                                         Spelling{"their_neighbours", "\xe2\x80\xa6\xe2\x82\xac",
                                                  "\"\xe2\x80\xa6\xe2\x82\xac\""},
                                         Spelling{"quotes_and_controls", "\"\\\t\n\r\b\f\x01\x1f\x7f/",
                                                  "\"\\\"\\\\\\t\\n\\r\\b\\f\\u0001\\u001f\x7f/\""},
                                         Spelling{"umlaut_and_emoji", "ü😀", R"("ü😀")"}),
                         [](const auto& info) { return info.param.name; });

TEST(PatchTest, KeepsTheOrderOfItsOperations) {
  act::Patch patch;
  patch.test("/a", 1).replace("/a", "x&y").add("/b", json::object()).remove("/c");
  EXPECT_EQ(patch.text(), R"([{"op":"test","path":"/a","value":1},{"op":"replace","path":"/a","value":"x\u0026y"},)"
                          R"({"op":"add","path":"/b","value":{}},{"op":"remove","path":"/c"}])");
}

TEST(PatchTest, KeysAreEscapedInPaths) {
  EXPECT_EQ(act::below("/metadata/annotations", "kubernetes.io/change-cause"),
            "/metadata/annotations/kubernetes.io~1change-cause");
  EXPECT_EQ(act::below("", "a~b/c"), "/a~0b~1c");
}

TEST(PatchTest, BrokenTextIsReplacedAndDoesNotThrow) {
  act::Patch patch;
  patch.add("/a", "\xff");
  EXPECT_EQ(patch.text(), "[{\"op\":\"add\",\"path\":\"/a\",\"value\":\"\xef\xbf\xbd\"}]");
}

}  // namespace
