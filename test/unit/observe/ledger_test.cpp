#include "observe/ledger.hpp"

#include <gmock/gmock.h>

#include "unit/observe/given.hpp"

namespace observe {
namespace {

using api::Pod;
using given::kNow;
using given::pod;
using testing::IsEmpty;
using testing::SizeIs;
using Given = given::Containers;
using std::chrono::seconds;

Pod crashed(int restarts, Instant at) {
  auto app = Given::running("app", restarts);
  app.last_ended = given::ended(1, at);
  return pod({app});
}

TEST(ObserveLedger, KeepsEachFailureOnce) {
  Ledger ledger;
  const auto up = pod();
  const auto down = crashed(1, kNow);
  ledger.note(&up, down, "set-a", kNow);
  ledger.note(nullptr, down, "set-a", kNow);  // seen anew after the cache lost it
  EXPECT_THAT(ledger.failures(), SizeIs(1));
}

TEST(ObserveLedger, KeepsTheNewestByTime) {
  Ledger ledger;
  for (int i = 1; i <= 300; ++i) {
    auto each = crashed(1, kNow - seconds{i});  // the newest first
    each.meta.uid = "p" + std::to_string(i);
    ledger.note(nullptr, each, "set-a", kNow);
  }
  ASSERT_THAT(ledger.failures(), SizeIs(kMostFailures));
  EXPECT_EQ(ledger.failures().front().time, kNow - seconds{256});
  EXPECT_EQ(ledger.failures().back().time, kNow - seconds{1});
}

TEST(ObserveLedger, ForgetsAfterADay) {
  Ledger ledger;
  ledger.note(nullptr, crashed(1, kNow), "set-a", kNow);
  auto other = pod();
  other.meta.uid = "p2";
  ledger.note(nullptr, other, "set-a", kNow + kOldestFailure);
  EXPECT_THAT(ledger.failures(), SizeIs(1));
  ledger.note(&other, given::ready(other, kNow), "set-a", kNow + kOldestFailure + seconds{1});
  EXPECT_THAT(ledger.failures(), IsEmpty());
}

TEST(ObserveLedger, ReadinessIsLostAndComesBack) {
  Ledger ledger;
  const auto up = given::ready(pod(), kNow - seconds{100});
  auto down = given::unready(pod());
  down.ready_changed = kNow;
  ledger.note(nullptr, up, "set-a", kNow - seconds{50});
  ledger.note(&up, down, "set-a", kNow);
  ASSERT_THAT(ledger.lost_ready(), SizeIs(1));
  EXPECT_FALSE(ledger.lost_ready()[0].back);
  ledger.note(&down, given::ready(pod(), kNow + seconds{9}), "set-a", kNow + seconds{10});
  EXPECT_EQ(ledger.lost_ready()[0].back, kNow + seconds{9});
}

// A pod that is scaled down or evicted is not ready on its way out: that is no failure, however long ago it was.
TEST(ObserveLedger, LossThatWasTheBeginningOfTheEndIsDropped) {
  const auto up = given::ready(pod(), kNow - seconds{100});
  const auto down = given::unready(pod());
  auto leaving = down;
  leaving.meta.deleted = kNow + seconds{2};
  Ledger marked;
  marked.note(&up, down, "set-a", kNow);
  marked.note(&down, leaving, "set-a", kNow + seconds{2});
  EXPECT_THAT(marked.lost_ready(), IsEmpty());
  Ledger gone;
  gone.note(&up, down, "set-a", kNow);
  gone.note_gone("p1");
  EXPECT_THAT(gone.lost_ready(), IsEmpty());
}

TEST(ObserveLedger, LossThatEndedStaysWhenThePodGoes) {
  Ledger ledger;
  const auto up = given::ready(pod(), kNow - seconds{100});
  const auto down = given::unready(pod());
  ledger.note(&up, down, "set-a", kNow);
  ledger.note(&down, up, "set-a", kNow + seconds{20});
  ledger.note_gone("p1");
  EXPECT_THAT(ledger.lost_ready(), SizeIs(1));
}

TEST(ObserveLedger, RemembersThatAPodWasReady) {
  Ledger ledger;
  ledger.note(nullptr, pod(), "set-a", kNow);
  EXPECT_FALSE(ledger.seen_ready());
  const auto before = pod();
  const auto up = given::ready(pod(), kNow);
  ledger.note(&before, up, "set-a", kNow);
  ledger.note(&up, before, "set-a", kNow);
  EXPECT_TRUE(ledger.seen_ready());
}

}  // namespace
}  // namespace observe
