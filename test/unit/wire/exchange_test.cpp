#include "wire/exchange.hpp"

#include <thread>

#include "support.hpp"

namespace wire::unit {
namespace {

using testing::ElementsAre;
using Offer = Exchange::Offer;

const Pace kPatient{Pace::Kind::Silence, 10s, 10s};

struct Order {
  std::vector<std::string> seen;
  StreamSink sink() {
    return {[this](int status, const Headers&) {
              seen.push_back("status " + std::to_string(status));
              return true;
            },
            [this](std::string_view bytes) {
              seen.emplace_back(bytes);
              return true;
            }};
  }
};

void never() { FAIL() << "resumed though it was not full"; }

// The transport's callbacks come in any order; with one thread the first bytes regularly come first.
TEST(Exchange, HoldsBytesBackUntilTheStatusIsKnown) {
  Exchange exchange(1000);
  EXPECT_EQ(exchange.offer("body", never), Offer::Taken);
  exchange.answered(410, {});
  exchange.ended();
  Order order;
  EXPECT_EQ(exchange.read(order.sink(), kPatient, {}).value(), StreamEnd::Closed);
  EXPECT_THAT(order.seen, ElementsAre("status 410", "body"));
}

TEST(Exchange, DeliversNothingWhenTheStatusNeverComes) {
  Exchange exchange(1000);
  EXPECT_EQ(exchange.offer("body", never), Offer::Taken);
  Order order;
  const auto end = exchange.read(order.sink(), {Pace::Kind::Silence, 20ms, 10s}, {});
  ASSERT_FALSE(end);
  EXPECT_THAT(end.error().what, testing::HasSubstr("20 ms"));
  EXPECT_TRUE(order.seen.empty());
}

TEST(Exchange, DeliversWhatCameBeforeAFailure) {
  Exchange exchange(1000);
  exchange.answered(200, {});
  EXPECT_EQ(exchange.offer("a", never), Offer::Taken);
  exchange.failed({false, "reset"});
  exchange.ended();  // the first end counts
  Order order;
  const auto end = exchange.read(order.sink(), kPatient, {});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().what, "reset");
  EXPECT_THAT(order.seen, ElementsAre("status 200", "a"));
}

// An answer that is refused for its headers may have sent bytes already.
TEST(Exchange, DropsTheBytesOfAnAnswerThatHasNoStatus) {
  Exchange exchange(1000);
  EXPECT_EQ(exchange.offer("body", never), Offer::Taken);
  exchange.failed({false, "refused"});
  Order order;
  EXPECT_FALSE(exchange.read(order.sink(), kPatient, {}));
  EXPECT_TRUE(order.seen.empty());
}

TEST(Exchange, AsksTheTransportToPauseAndToGoOn) {
  Exchange exchange(8u << 20);
  bool resumed = false;
  exchange.answered(200, {});
  EXPECT_EQ(exchange.offer(std::string(2u << 20, 'x'), [&] { resumed = true; }), Offer::Full);
  EXPECT_FALSE(resumed);
  exchange.ended();
  Order order;
  EXPECT_TRUE(exchange.read(order.sink(), kPatient, {}));
  EXPECT_TRUE(resumed);
}

TEST(Exchange, LetsGoOfAPausedTransportWhenTheReaderLeaves) {
  Exchange exchange(8u << 20);
  bool resumed = false;
  EXPECT_EQ(exchange.offer(std::string(2u << 20, 'x'), [&] { resumed = true; }), Offer::Full);
  std::stop_source stopped;
  stopped.request_stop();
  Order order;
  EXPECT_EQ(exchange.read(order.sink(), kPatient, stopped.get_token()).value(), StreamEnd::Stopped);
  EXPECT_TRUE(resumed);
  EXPECT_EQ(exchange.offer(std::string(2u << 20, 'x'), never), Offer::Taken);  // and dropped
}

// cpprest reads a chunk's length as a signed number and hands on "-1" as a size.
TEST(Exchange, TouchesNothingOfAPieceAboveTheLimit) {
  Exchange exchange(1000);
  exchange.answered(200, {});
  const char one = 'x';
  EXPECT_EQ(exchange.offer(std::string_view(&one, static_cast<std::size_t>(-1) / 2), never), Offer::Taken);
  Order order;
  EXPECT_FALSE(exchange.read(order.sink(), kPatient, {}));
  EXPECT_THAT(order.seen, ElementsAre("status 200"));
}

TEST(Exchange, EndsTheWholeByItsDeadlineWhateverComes) {
  Exchange exchange(1000);
  exchange.answered(200, {});
  std::jthread transport([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) (void)exchange.offer("x", [] {});
  });
  Order order;
  EXPECT_FALSE(exchange.read(order.sink(), {Pace::Kind::Whole, 50ms, 50ms}, {}));
}

}  // namespace
}  // namespace wire::unit
