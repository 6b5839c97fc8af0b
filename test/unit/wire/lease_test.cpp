#include "wire/lease.hpp"

#include "support.hpp"

namespace wire::unit {
namespace {

using Json = nlohmann::json;

// One Lease as a server keeps it. `down`: every call fails; `slow`: how long each takes.
class LeaseServer final : public Api {
 public:
  explicit LeaseServer(fake::ManualClock& clock) : clock_(clock) {}

  Result<std::string> get(const Ref&) override {
    if (auto ok = answer(); !ok) return tl::unexpected(ok.error());
    if (lease.is_null()) return base::fail(Fault::NotFound, "404");
    return lease.dump();
  }
  Result<std::string> create(const Collection&, const std::string& body) override {
    ++writes;
    if (auto ok = answer(); !ok) return tl::unexpected(ok.error());
    if (!lease.is_null()) return base::fail(Fault::Conflict, "exists");
    return store(Json::parse(body));
  }
  Result<std::string> json_patch(const Ref&, const std::string& operations) override {
    ++writes;
    if (auto ok = answer(); !ok) return tl::unexpected(ok.error());
    if (lease.is_null()) return base::fail(Fault::NotFound, "404");
    try {
      return store(lease.patch(Json::parse(operations)));
    } catch (const Json::exception&) {
      return base::fail(Fault::Conflict, "test failed");
    }
  }
  Result<void> remove(const Ref&, const std::string&) override {
    ++writes;
    return answer();
  }
  Result<std::string> list(const Collection&, int, const std::string&) override {
    return base::fail(Fault::Invalid, "no list");
  }
  Result<void> watch(const Collection&, const WatchAsk&, const LineSink&, std::stop_token) override { return {}; }

  std::string store(Json object) {
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    lease = std::move(object);
    return lease.dump();
  }
  std::string holder() const { return lease["spec"]["holderIdentity"]; }

  Json lease;
  bool down = false;
  Millis slow{0};
  int writes = 0;

 private:
  Result<void> answer() {
    clock_.advance(slow);
    if (down) return base::fail(Fault::Unavailable, "no answer");
    return {};
  }
  fake::ManualClock& clock_;
  int version_ = 0;
};

class LeaseTest : public testing::Test {
 protected:
  Lease candidate(const std::string& identity) {
    return Lease(api_, {"rollback-system", "rollback-controller", identity}, clock_);
  }
  void rest(Lease& lease) { clock_.advance(lease.step()); }

  fake::ManualClock clock_;
  LeaseServer api_{clock_};
};

TEST_F(LeaseTest, IsMadeByTheFirstAndKeptByIt) {
  auto a = candidate("a");
  auto b = candidate("b");
  EXPECT_FALSE(a.may_write());
  EXPECT_EQ(a.step(), 2s);
  EXPECT_TRUE(a.may_write());
  const auto acquired = api_.lease["spec"]["acquireTime"];
  EXPECT_EQ(acquired, "2026-01-02T03:04:05.000000Z");
  for (int i = 0; i < 30; ++i) {
    rest(a);
    EXPECT_EQ(b.step(), 1s);
    ASSERT_TRUE(a.may_write());
    ASSERT_FALSE(b.may_write());
  }
  EXPECT_EQ(api_.lease["spec"]["acquireTime"], acquired);
  EXPECT_EQ(api_.lease["spec"]["leaseTransitions"], 0);
  EXPECT_EQ(api_.lease["spec"]["leaseDurationSeconds"], 15);
}

TEST_F(LeaseTest, GoesToAnotherOnlyWhenItWasSeenUnchangedForItsDuration) {
  auto a = candidate("a");
  auto b = candidate("b");
  rest(a);
  std::ignore = b.step();  // b has seen it
  clock_.advance(14'999ms);
  std::ignore = b.step();
  EXPECT_FALSE(b.may_write());
  EXPECT_FALSE(a.may_write());
  clock_.advance(1ms);
  std::ignore = b.step();
  EXPECT_TRUE(b.may_write());
  EXPECT_EQ(api_.holder(), "b");
  EXPECT_EQ(api_.lease["spec"]["leaseTransitions"], 1);
  std::ignore = a.step();
  EXPECT_FALSE(a.may_write());
}

// A user would have waited up to two more seconds for the takeover, beyond lease + retry.
TEST_F(LeaseTest, AStandbyLooksAtTheVeryMomentWhenItBecomesFree) {
  auto a = candidate("a");
  auto b = candidate("b");
  rest(a);
  rest(b);
  clock_.advance(13'700ms);
  EXPECT_EQ(b.step(), 300ms);
  clock_.advance(300ms);
  std::ignore = b.step();
  EXPECT_TRUE(b.may_write());
}

TEST_F(LeaseTest, BelievesNoWrittenTime) {
  api_.store(
      {{"spec", {{"holderIdentity", "dead"}, {"leaseDurationSeconds", 15}, {"renewTime", "1999-01-01T00:00:00.000000Z"}}}});
  auto a = candidate("a");
  rest(a);
  EXPECT_FALSE(a.may_write());
  for (int i = 0; i < 15; ++i) rest(a);
  EXPECT_TRUE(a.may_write());
}

TEST_F(LeaseTest, HonoursALongerDurationButNoNonsense) {
  auto a = candidate("a");
  api_.store({{"spec", {{"holderIdentity", "dead"}, {"leaseDurationSeconds", 1'000'000'000}}}});
  std::ignore = a.step();
  clock_.advance(59s);
  std::ignore = a.step();
  EXPECT_FALSE(a.may_write());
  clock_.advance(1s);
  std::ignore = a.step();
  EXPECT_TRUE(a.may_write());
}

TEST_F(LeaseTest, FenceFallsAtTheRenewDeadlineCountedFromBeforeTheRenewal) {
  auto a = candidate("a");
  api_.slow = 1s;  // the look and the creation together take two
  std::ignore = a.step();
  EXPECT_TRUE(a.may_write());
  api_.down = true;
  clock_.advance(7'999ms);
  EXPECT_TRUE(a.may_write());
  clock_.advance(1ms);
  EXPECT_FALSE(a.may_write());
}

TEST_F(LeaseTest, SurvivesAShortOutageAndStepsDownInALongOne) {
  auto a = candidate("a");
  rest(a);
  api_.down = true;
  for (int i = 0; i < 3; ++i) rest(a);
  EXPECT_TRUE(a.may_write());
  api_.down = false;
  rest(a);
  EXPECT_TRUE(a.may_write());
  api_.down = true;
  for (int i = 0; i < 6; ++i) rest(a);
  EXPECT_FALSE(a.may_write());
  api_.down = false;
  rest(a);  // nobody has taken it meanwhile
  EXPECT_TRUE(a.may_write());
}

TEST_F(LeaseTest, ARenewalThatCameTooLateDoesNotCount) {
  auto a = candidate("a");
  rest(a);
  api_.slow = 10s;
  std::ignore = a.step();
  EXPECT_FALSE(a.may_write());
}

TEST_F(LeaseTest, IsGivenUpAtOnceWhenAnotherHoldsIt) {
  auto a = candidate("a");
  rest(a);
  auto taken = api_.lease;
  taken["spec"]["holderIdentity"] = "b";
  api_.store(taken);
  std::ignore = a.step();
  EXPECT_FALSE(a.may_write());
  EXPECT_EQ(api_.holder(), "b");
}

TEST_F(LeaseTest, ATouchByOthersOrADeletionDoesNotEndIt) {
  auto a = candidate("a");
  rest(a);
  auto touched = api_.lease;
  touched["metadata"]["annotations"]["x"] = "y";
  api_.store(touched);
  std::ignore = a.step();
  EXPECT_TRUE(a.may_write());
  EXPECT_EQ(api_.lease["metadata"]["annotations"]["x"], "y");
  api_.lease = nullptr;
  std::ignore = a.step();
  EXPECT_TRUE(a.may_write());
  EXPECT_EQ(api_.holder(), "a");
}

TEST_F(LeaseTest, OneOfTwoThatTryAtOnceGetsIt) {
  api_.store({{"spec", {{"holderIdentity", ""}}}});
  auto a = candidate("a");
  auto b = candidate("b");
  std::ignore = a.step();
  std::ignore = b.step();
  EXPECT_TRUE(a.may_write());
  EXPECT_FALSE(b.may_write());
}

TEST_F(LeaseTest, ReleasedIsFreeForTheNextWithoutWaiting) {
  auto a = candidate("a");
  auto b = candidate("b");
  rest(a);
  rest(b);
  a.release();
  EXPECT_FALSE(a.may_write());
  EXPECT_EQ(api_.holder(), "");
  std::ignore = b.step();
  EXPECT_TRUE(b.may_write());
}

TEST_F(LeaseTest, ReleaseLeavesAnothersLeaseAlone) {
  auto a = candidate("a");
  auto b = candidate("b");
  rest(a);
  rest(b);
  const int before = api_.writes;
  b.release();
  EXPECT_EQ(api_.writes, before);
  EXPECT_EQ(api_.holder(), "a");
}

TEST_F(LeaseTest, FenceRefusesEveryWriteAndNoRead) {
  auto a = candidate("a");
  FencedApi fenced(api_, a);
  const Ref ref{kLeases, "n", "x", "", {}};
  EXPECT_THAT(fenced.create({kLeases, "n"}, "{}"), FailsWith(Fault::Unavailable, "not the leader"));
  EXPECT_THAT(fenced.json_patch(ref, "[]"), FailsWith(Fault::Unavailable, "not the leader"));
  EXPECT_THAT(fenced.remove(ref, "u"), FailsWith(Fault::Unavailable, "not the leader"));
  EXPECT_EQ(api_.writes, 0);
  EXPECT_THAT(fenced.get(ref), Fails(Fault::NotFound));
  EXPECT_TRUE(fenced.watch({kLeases, "n"}, {}, {}, {}));
  rest(a);
  EXPECT_TRUE(fenced.json_patch(ref, "[]"));
  EXPECT_TRUE(fenced.remove(ref, "u"));
}

}  // namespace
}  // namespace wire::unit
