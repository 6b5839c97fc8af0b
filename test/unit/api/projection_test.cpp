#include "api/projection.hpp"

#include "expect.hpp"

namespace {

using nlohmann::json;

json kept(std::string_view text, std::initializer_list<std::string_view> paths) {
  const auto out = api::project(text, api::keep(paths));
  EXPECT_TRUE(out.has_value()) << out.error().what;
  return out.value_or(json());
}

std::string nested(size_t levels) { return R"({"a":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}"; }

TEST(Projection, KeepsOnlyWhatIsNamed) {
  EXPECT_EQ(kept(R"({"a":{"b":1,"c":[1,{"d":2}]},"e":"x","f":{"g":{}}})", {"a.b", "e"}),
            json::parse(R"({"a":{"b":1},"e":"x"})"));
}

TEST(Projection, LeafKeepsAllBelow) {
  const char* text = R"({"a":{"b":[1,2.5,-3,true,null,"s",{"c":{}}]}})";
  EXPECT_EQ(kept(text, {"a"}), json::parse(text));
}

TEST(Projection, ListsAreTransparent) {
  EXPECT_EQ(kept(R"({"pods":[{"name":"p","x":1},[{"name":"q"}],{"x":2},"text",5]})", {"pods.name"}),
            json::parse(R"({"pods":[{"name":"p"},[{"name":"q"}],{}]})"));
}

TEST(Projection, ScalarWhereABranchIsWantedIsAbsent) {
  EXPECT_EQ(kept(R"({"a":5,"b":null,"c":"x"})", {"a.x", "b.x", "c"}), json::parse(R"({"c":"x"})"));
}

TEST(Projection, WiderPathWinsInEitherOrder) {
  const char* text = R"({"a":{"b":1,"c":2}})";
  EXPECT_EQ(kept(text, {"a", "a.b"}), json::parse(text));
  EXPECT_EQ(kept(text, {"a.b", "a"}), json::parse(text));
}

TEST(Projection, LastOfDuplicateKeysWins) {
  EXPECT_EQ(kept(R"({"a":{"b":1},"a":{"c":2},"d":1,"d":2})", {"a", "d"}), json::parse(R"({"a":{"c":2},"d":2})"));
}

TEST(Projection, EscapedKeysAreFound) { EXPECT_EQ(kept(R"({"\u0061":1})", {"a"}), json::parse(R"({"a":1})")); }

TEST(Projection, ByteOrderMarkIsSkipped) { EXPECT_EQ(kept("\xEF\xBB\xBF{\"a\":1}", {"a"}), json::parse(R"({"a":1})")); }

TEST(Projection, SixtyFourLevelsAreEnough) {
  for (const auto& paths : {api::keep({"a"}), api::keep({"b"})}) {
    EXPECT_TRUE(api::project(nested(64), paths).has_value());
    EXPECT_THAT(api::project(nested(65), paths), is_invalid("nested deeper than 64 levels"));
    EXPECT_THAT(api::project(nested(100'000), paths), is_invalid("nested deeper than 64 levels"));
  }
}

TEST(Projection, ErrorDoesNotRepeatTheText) {
  const auto broken = api::project(R"({"token":"s3cret)", api::keep({"token"}));
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().what.find("s3cret"), std::string::npos) << broken.error().what;
}

struct Broken {
  const char* name;
  std::string text;
  const char* words = "malformed JSON";
};

class ProjectionOfBrokenText : public testing::TestWithParam<Broken> {};
TEST_P(ProjectionOfBrokenText, IsInvalid) {
  for (const auto& paths : {api::keep({"a"}), api::keep({"b"})}) {
    EXPECT_THAT(api::project(GetParam().text, paths), is_invalid(GetParam().words));
  }
}
INSTANTIATE_TEST_SUITE_P(
    Texts, ProjectionOfBrokenText,
    testing::Values(Broken{"empty", ""}, Broken{"cut", R"({"a":{"b":)"}, Broken{"trailing", R"({"a":1} x)"},
                    Broken{"list", "[1]", "not a JSON object"}, Broken{"number", "5", "not a JSON object"},
                    Broken{"null", "null", "not a JSON object"}, Broken{"text", R"("a")", "not a JSON object"},
                    Broken{"invalid_utf8", "{\"a\":\"\xff\"}"}, Broken{"cut_utf8", "{\"a\":\"\xe2\x82\"}"},
                    Broken{"lone_surrogate", R"({"a":"\ud800"})"}, Broken{"nul", std::string("{\"a\":\"\0\"}", 9)},
                    Broken{"beyond_double", R"({"a":1e999})"}, Broken{"beyond_64_bits", R"({"a":18446744073709551616})"},
                    Broken{"comment", R"({"a":1 /* b */})"}, Broken{"mismatched", R"({"a":[1})"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
