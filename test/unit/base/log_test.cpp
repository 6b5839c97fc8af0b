#include "base/log.hpp"

#include <unistd.h>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace {

namespace log = base::log;

TEST(LogFormat, KeepsTheOrderOfTheFields) {
  EXPECT_EQ(log::format("rolled back", {{"policy", "shop/web"}, {"pass", "7"}, {"a", "b"}}),
            R"("msg":"rolled back","policy":"shop/web","pass":"7","a":"b")");
  EXPECT_EQ(log::format("started", {}), R"("msg":"started")");
  EXPECT_EQ(log::format("started", {{"error", ""}, {"a", "b"}}), R"("msg":"started","a":"b")");
}

TEST(LogFormat, StaysOneJsonLineWhateverIsSaid) {
  const std::string line = "{" + log::format("odd", {{"text", "a\"b\\c\nd\te\x01\u202e"}, {"bytes", "\xff\xfe ok"}}) + "}";
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto read = nlohmann::json::parse(line);
  EXPECT_EQ(read["text"], "a\"b\\c\nd\te\x01\u202e");
  EXPECT_THAT(read["bytes"].get<std::string>(), testing::EndsWith(" ok"));
}

TEST(LogStart, RefusesOtherWords) {
  for (const char* level : {"", "loud", "off", "INFO", "5"}) EXPECT_FALSE(log::start(level)) << level;
}

// In a process of its own: the logger is the process's.
[[noreturn]] void say_all(const char* level) {
  if (!log::start(level)) _exit(1);
  log::debug("seen");
  log::info("rolled back", {{"policy", "shop/web"}});
  log::warn("will retry", {{"braces", "{} {0} %v"}});
  log::error("needs a person");
  log::flush();
  _exit(0);
}

constexpr const char* kTime = "\"time\":\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z\"";

std::string line(const char* level, const char* rest) {
  return std::string("[{]") + kTime + ",\"level\":\"" + level + "\"," + rest + "[}]\n";
}

TEST(LogLines, AreJsonOnStandardError) {
  EXPECT_EXIT(say_all("info"), testing::ExitedWithCode(0),
              testing::MatchesRegex(line("info", "\"msg\":\"rolled back\",\"policy\":\"shop/web\"") +
                                    line("warning", "\"msg\":\"will retry\",\"braces\":\"[{][}] [{]0[}] %v\"") +
                                    line("error", "\"msg\":\"needs a person\"")));
}

TEST(LogLines, BelowTheLevelAreNotWritten) {
  EXPECT_EXIT(say_all("error"), testing::ExitedWithCode(0), testing::MatchesRegex(line("error", "\"msg\":\"needs a person\"")));
  EXPECT_EXIT(say_all("debug"), testing::ExitedWithCode(0), testing::HasSubstr("\"level\":\"debug\",\"msg\":\"seen\""));
}

}  // namespace
