#include "record/texts.hpp"

#include <gtest/gtest.h>

namespace {

using namespace record;

TEST(CutTest, WhatFitsStays) {
  EXPECT_EQ(cut("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_front("abcdef", 6), "abcdef");
  EXPECT_EQ(cut("", 0), "");
}

TEST(CutTest, TheRestIsMarked) {
  EXPECT_EQ(cut("abcdefgh", 6), "abc…");
  EXPECT_EQ(cut_front("abcdefgh", 6), "…fgh");
}

TEST(CutTest, NoCharacterIsSplit) {
  const std::string text = "äöüäöüäöü";  // two bytes each
  for (std::size_t bytes = 3; bytes < text.size(); ++bytes) {
    SCOPED_TRACE(bytes);
    EXPECT_LE(cut(text, bytes).size(), bytes);
    EXPECT_EQ(cut(text, bytes).size() % 2, 1U);
    EXPECT_LE(cut_front(text, bytes).size(), bytes);
    EXPECT_EQ(cut_front(text, bytes).size() % 2, 1U);
  }
}

TEST(CutTest, BytesThatAreNoTextDoNotRunAway) {
  EXPECT_EQ(cut(std::string(9, '\x80'), 6), "…");
  EXPECT_EQ(cut_front(std::string(9, '\x80'), 6), "…");
}

TEST(CutNameTest, IsANameByItself) {
  EXPECT_EQ(cut_name("web", 10), "web");
  EXPECT_EQ(cut_name("web-.frontend", 5), "web");
  EXPECT_EQ(cut_name("web-frontend", 7), "web-fro");
}

TEST(LabelValueTest, ALongNameIsCutAndStaysItsOwn) {
  EXPECT_EQ(label_value("web"), "web");
  EXPECT_EQ(label_value(std::string(63, 'a')), std::string(63, 'a'));
  const auto long_one = label_value(std::string(64, 'a'));
  EXPECT_EQ(long_one.size(), 63U);
  EXPECT_NE(long_one, label_value(std::string(65, 'a')));
  const auto dotted = label_value(std::string(48, 'a') + ".-" + std::string(60, 'b'));
  EXPECT_EQ(dotted.substr(0, 49), std::string(48, 'a') + '-');
}

}  // namespace
