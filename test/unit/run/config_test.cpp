#include "run/config.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "fake/temp_path.hpp"

namespace {

using testing::HasSubstr;

TEST(Flags, AreReadByName) {
  const auto flags = run::parse_flags({"--namespace=shop", "--workers=2", "--kubelet=Disabled"});
  ASSERT_TRUE(flags);
  EXPECT_EQ(flags->watch_namespace, "shop");
  EXPECT_EQ(flags->workers, 2);
  EXPECT_EQ(flags->kubelet, "Disabled");
}

struct Wrong {
  const char* name;
  const char* input;
  const char* says;
};
class FlagsTest : public testing::TestWithParam<Wrong> {};
TEST_P(FlagsTest, WrongOnesAreNamed) {
  const auto flags = run::parse_flags({GetParam().input});
  ASSERT_FALSE(flags);
  EXPECT_EQ(flags.error().fault, base::Fault::Invalid);
  EXPECT_THAT(flags.error().what, HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    All, FlagsTest,
    testing::Values(Wrong{"unknown", "--wrokers=2", "unknown argument --wrokers=2"},
                    Wrong{"no_value", "--workers", "--name=value"}, Wrong{"not_a_number", "--workers=two", "1 to 64"},
                    Wrong{"too_many", "--workers=65", "1 to 64"}, Wrong{"half_a_number", "--workers=2x", "1 to 64"},
                    Wrong{"other_word", "--kubelet=on", "Enabled or Disabled"},
                    Wrong{"no_namespace", "--namespace=A_b", "a DNS label"}, Wrong{"bare_word", "workers", "unknown argument"}),
    [](const auto& info) { return info.param.name; });

TEST(Config, AnEmptyFileIsTheDefault) { EXPECT_EQ(run::parse_config(""), run::Config{}); }

TEST(Config, EveryKeyIsRead) {
  const auto config =
      run::parse_config("killSwitch: true\ncaps: {simultaneousReverts: 3}\nevidence: StatusOnly\nkubelet: {caFile: /ca.pem}\n");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(*config, (run::Config{true, 3, run::Config::Evidence::StatusOnly, "/ca.pem"}));
}

class ConfigTest : public testing::TestWithParam<Wrong> {};
TEST_P(ConfigTest, WrongOnesAreNamed) {
  const auto config = run::parse_config(GetParam().input);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().what, HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    All, ConfigTest,
    testing::Values(Wrong{"twice", "killSwitch: false\nkillSwitch: true", "killSwitch twice"},
                    Wrong{"two_documents", "killSwitch: false\n---\nkillSwitch: true", "several YAML documents"},
                    Wrong{"unknown_key", "kilSwitch: true", "unknown key kilSwitch"},
                    Wrong{"unknown_inner", "caps: {reverts: 3}", "caps has the unknown key"},
                    Wrong{"not_a_map", "- a", "must be a map"}, Wrong{"inner_not_a_map", "caps: 3", "caps must be a map"},
                    Wrong{"wrong_type", "killSwitch: maybe", "configuration:"},
                    Wrong{"cap_zero", "caps: {simultaneousReverts: 0}", "at least 1"},
                    Wrong{"other_word", "evidence: Some", "Full or StatusOnly"},
                    Wrong{"broken_yaml", "caps: {", "configuration:"}),
    [](const auto& info) { return info.param.name; });

TEST(Config, AHugeFileIsRefused) { EXPECT_FALSE(run::parse_config(std::string(70'000, '#'))); }

class ConfigFile : public testing::Test {
 protected:
  ConfigFile() { std::filesystem::remove(path); }
  ~ConfigFile() override { std::filesystem::remove(path); }
  void write(const std::string& text) const { std::ofstream(path) << text; }

  const std::string path = fake::temp_path("config.yaml");
};

TEST_F(ConfigFile, IsTheDefaultIfItWasNeverThere) { EXPECT_EQ(run::read_config(path, false), run::Config{}); }

TEST_F(ConfigFile, IsReadAgain) {
  write("killSwitch: true\n");
  EXPECT_TRUE(run::read_config(path, false)->kill_switch);
  write("killSwitch: false\n");
  EXPECT_FALSE(run::read_config(path, true)->kill_switch);
}

TEST_F(ConfigFile, ThatIsGoneOrEmptyLiftsNoKillSwitch) {
  EXPECT_EQ(run::read_config(path, true).error().fault, base::Fault::Unavailable);
  write("");
  EXPECT_EQ(run::read_config(path, true).error().fault, base::Fault::Unavailable);
  EXPECT_EQ(run::read_config(path, false), run::Config{});
}

}  // namespace
