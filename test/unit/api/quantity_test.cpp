#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "expect.hpp"

namespace {

struct Row {
  const char* text;
  std::optional<double> want;
};

class Quantity : public testing::TestWithParam<Row> {};
TEST_P(Quantity, Parsed) { EXPECT_EQ(api::parse_quantity(GetParam().text), GetParam().want); }
INSTANTIATE_TEST_SUITE_P(Legal, Quantity,
                         testing::Values(Row{"600M", 600000000.0}, Row{"600Mi", 629145600.0}, Row{"129e6", 129000000.0},
                                         Row{"1E3", 1000.0}, Row{"1E", 1e18}, Row{"1.2Gi", 1288490188.8},
                                         Row{"1288490188800m", 1288490188.8}, Row{"128974848000m", 128974848.0},
                                         Row{"156340n", 156340e-9}, Row{"250u", 250e-6}, Row{"0.5", 0.5}, Row{".5", 0.5},
                                         Row{"1.", 1.0}, Row{"+5", 5.0}, Row{"0", 0.0}));
INSTANTIATE_TEST_SUITE_P(Illegal, Quantity,
                         testing::Values(Row{"16g", {}}, Row{"1K", {}}, Row{"1 Mi", {}}, Row{"1e", {}}, Row{"", {}},
                                         Row{"--5", {}}));

TEST(Quantities, OneValueWrittenInTwoWaysIsOne) {
  EXPECT_EQ(api::parse_quantity("1024Mi"), api::parse_quantity("1Gi"));
  EXPECT_EQ(api::parse_quantity("1.2Gi"), api::parse_quantity("1288490188800m"));
}

TEST(Quantities, ATenMegabyteNumberIsOnlyANumber) {
  EXPECT_EQ(api::parse_quantity("0." + std::string(10'000'000, '0') + "1"), 1e-9);
  EXPECT_TRUE(std::isinf(api::parse_quantity(std::string(10'000'000, '9')).value()));
}

// quantities/table.tsv is what apimachinery itself said.
TEST(Quantities, AgreeWithApimachinery) {
  std::ifstream table(std::filesystem::path(__FILE__).parent_path() / "quantities/table.tsv");
  size_t rows = 0;
  for (std::string line; std::getline(table, line); ++rows) {
    const size_t tab = line.rfind('\t');
    const std::string text = line.substr(0, tab);
    const std::string verdict = line.substr(tab + 1);
    const auto want = verdict == "refused" ? std::nullopt : std::optional(std::strtod(verdict.c_str(), nullptr));
    ASSERT_EQ(api::parse_quantity(text), want) << '"' << text << '"';
  }
  EXPECT_EQ(rows, 10'000u);
}

}  // namespace
