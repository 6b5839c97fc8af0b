#include "wire/lines.hpp"

#include "support.hpp"

namespace wire::unit {
namespace {

using testing::ElementsAre;
using Fed = LineFramer::Fed;

std::vector<std::string> framed(const std::vector<std::string>& pieces, std::size_t longest = 1000) {
  LineFramer framer(longest);
  std::vector<std::string> lines;
  for (const auto& piece : pieces) {
    EXPECT_EQ(framer.feed(piece,
                          [&](std::string_view line) {
                            lines.emplace_back(line);
                            return true;
                          }),
              Fed::All);
  }
  return lines;
}

TEST(LineFramer, PutsLinesTogetherWhereverTheyAreCut) {
  const std::string all = "first\nsecond\r\n\nthird gr\xc3\xbc\xc3\x9f\n";
  for (std::size_t one = 0; one <= all.size(); ++one) {
    for (std::size_t two = one; two <= all.size(); ++two) {
      ASSERT_THAT(framed({all.substr(0, one), all.substr(one, two - one), all.substr(two)}),
                  ElementsAre("first", "second", "third gr\xc3\xbc\xc3\x9f"))
          << one << " " << two;
    }
  }
}

TEST(LineFramer, KeepsWhatHasNoEndYet) { EXPECT_THAT(framed({"a\nb"}), ElementsAre("a")); }

TEST(LineFramer, TakesALineUpToTheLimitAndNoLonger) {
  EXPECT_THAT(framed({"12345", "67890", "\n"}, 10), ElementsAre("1234567890"));
  const auto never = [](std::string_view) { return true; };
  LineFramer begun(10);
  EXPECT_EQ(begun.feed("1234567890", never), Fed::All);
  EXPECT_EQ(begun.feed("1", never), Fed::TooLong);
  LineFramer whole(10);
  EXPECT_EQ(whole.feed("12345678901\n", never), Fed::TooLong);
}

TEST(LineFramer, StopsWhenTheLineIsRefused) {
  LineFramer framer;
  int seen = 0;
  EXPECT_EQ(framer.feed("a\nb\nc\n", [&](std::string_view) { return ++seen < 2; }), Fed::Refused);
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace wire::unit
