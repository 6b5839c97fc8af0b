#include "base/digest.hpp"

#include <gtest/gtest.h>

namespace {

TEST(Digest, IsSha256InLowerCase) {
  EXPECT_EQ(base::digest("abc", 64), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base::digest("", 64), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, IsCutToTheLengthAskedFor) {
  EXPECT_EQ(base::digest("abc"), "ba7816bf8f01cfea");
  EXPECT_EQ(base::digest("abc", 12), "ba7816bf8f01");
  EXPECT_EQ(base::digest("abc", 0), "");
  EXPECT_EQ(base::digest("abc", 1000), base::digest("abc", 64));
}

TEST(Digest, CountsEveryByte) {
  using namespace std::string_view_literals;
  EXPECT_NE(base::digest("a\0b"sv), base::digest("a\0c"sv));
  EXPECT_NE(base::digest("a"), base::digest("a\0"sv));
}

}  // namespace
