#include "run/again.hpp"

#include <gmock/gmock.h>

namespace {

using base::Fault;
using namespace std::chrono_literals;

struct Row {
  const char* name;
  Fault fault;
  int attempt;
  base::Millis want;
};
class AgainTest : public testing::TestWithParam<Row> {};

TEST_P(AgainTest, WaitsAsTheFaultAsks) {
  EXPECT_EQ(run::again_after({GetParam().fault, ""}, GetParam().attempt), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Faults, AgainTest,
    testing::Values(Row{"old_view_soon", Fault::Conflict, 0, 20ms}, Row{"old_view_doubles", Fault::Conflict, 3, 160ms},
                    Row{"old_view_is_bounded", Fault::Conflict, 99, 5120ms}, Row{"told_to_wait", Fault::Throttled, 0, 500ms},
                    Row{"no_answer", Fault::Unavailable, 0, 500ms}, Row{"no_answer_for_long", Fault::Unavailable, 99, 300s},
                    Row{"missing_right", Fault::Forbidden, 99, 300s}, Row{"refused", Fault::Invalid, 0, 5s},
                    Row{"refused_for_long", Fault::Invalid, 99, 300s}),
    [](const auto& info) { return info.param.name; });

}  // namespace
