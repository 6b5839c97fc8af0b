// The workers' threads, and what becomes of a key that may not be worked on.
#include "run/workers.hpp"

#include <future>

#include <gmock/gmock.h>

#include "fake/manual_clock.hpp"

namespace {

TEST(Workers, SayOnceThatTheyDroppedAKey) {
  const fake::ManualClock clock;
  run::WorkQueue queue(clock);
  std::promise<void> asked;
  const auto may_not = [&] {
    asked.set_value();
    return false;
  };
  const auto pass = [](const api::Key&) -> base::Result<run::Again> {
    ADD_FAILURE() << "not the leader, and a pass all the same";
    return run::Again{};
  };
  run::Workers workers(queue, clock, {pass, may_not, [](const api::Key&, const char*, base::Millis) {}});
  workers.start(1);
  queue.add({"shop", "web"});
  asked.get_future().wait();
  workers.stop();
  EXPECT_TRUE(workers.take_dropped());
  EXPECT_FALSE(workers.take_dropped());
}

// R27: a policy whose right is missing waits by itself.
TEST(Workers, GoOnWithTheOthers) {
  fake::ManualClock clock;
  run::WorkQueue queue(clock);
  std::promise<void> done;
  const auto pass = [&](const api::Key& key) -> base::Result<run::Again> {
    if (key.name == "a") return base::fail(base::Fault::Forbidden, "cannot create resource rollbacks");
    done.set_value();
    return run::Again{};
  };
  run::Workers workers(queue, clock, {pass, [] { return true; }, [](const api::Key&, const char*, base::Millis) {}});
  queue.add({"shop", "a"});
  queue.add({"shop", "b"});
  workers.start(1);
  done.get_future().wait();
  workers.stop();
  EXPECT_EQ(queue.try_take(), std::nullopt);
  clock.advance(base::Millis{500});
  EXPECT_EQ(queue.try_take(), (api::Key{"shop", "a"}));
}

}  // namespace
