#include "observe/collector.hpp"

#include <gmock/gmock.h>

#include <future>

#include "fake/fake_cluster.hpp"
#include "fake/kinds.hpp"
#include "fake/objects.hpp"
#include "unit/observe/given.hpp"

namespace observe {
namespace {

using api::Key;
using decide::Wants;
using given::kNow;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const Key kWeb{"shop", "web"};
const Key kOther{"shop", "other"};

Wants nodes(std::vector<std::string> names) {
  Wants wants;
  wants.memory_nodes = std::move(names);
  return wants;
}

PodMemory sample(const std::string& pod, Instant taken) { return {pod, "app", {taken, 1, 1}}; }

decide::ProbeWant probe_of(std::vector<decide::ProbeWant::Target> pods, seconds period = seconds{5}) {
  decide::ProbeWant want;
  want.http.port = 8080;
  want.http.checks = {{"health", "GET", "/health", "", ""}};
  want.period = period;
  want.pods = std::move(pods);
  return want;
}

// Steps by hand: what is due is done in the test's thread.
struct Stepped {
  fake::ManualClock clock;
  given::FakeKubelets kubelets;
  given::ScriptedHttp http;
  given::ScriptedApi api;
  std::vector<std::string> touched;
  Collector collector{
      {kubelets, http, api}, clock, EvidenceLines::Full, [this](const Key& key) { touched.push_back(key.name); }};

  std::optional<base::Millis> run() {
    touched.clear();
    return collector.run_due();
  }
  void want(const Key& key, const Wants& wants, const std::vector<std::string>& pods = {}) { collector.want(key, wants, pods); }
  void want_probe(std::optional<decide::ProbeWant> probe) {
    Wants wants;
    wants.probe = std::move(probe);
    want(kWeb, wants);
  }
  void want_evidence(const std::string& run) {
    Wants wants;
    wants.evidence = decide::EvidenceWant{run, {{"web-1", "app", 1, "Error", "", "", ""}}};
    want(kWeb, wants);
  }
};

TEST(ObserveCollector, NothingWantedNothingDone) {
  Stepped world;
  EXPECT_FALSE(world.run());
  world.want(kWeb, {});
  EXPECT_FALSE(world.run());
  EXPECT_THAT(world.collector.readings(kWeb).memory, IsEmpty());
}

TEST(ObserveCollector, NodeIsReadAtOnceThenEveryTenSeconds) {
  Stepped world;
  world.kubelets.set("n1", {sample("p1", kNow)});
  world.want(kWeb, nodes({"n1"}), {"p1"});
  EXPECT_EQ(world.run(), seconds{10});
  EXPECT_THAT(world.touched, ElementsAre("web"));
  ASSERT_THAT(world.collector.readings(kWeb).memory, SizeIs(1));
  world.clock.advance(seconds{4});
  EXPECT_EQ(world.run(), seconds{6});
  world.clock.advance(seconds{6});
  world.run();
  EXPECT_EQ(world.kubelets.reads_of("n1"), 2);
}

TEST(ObserveCollector, OneRequestPerNodeHoweverManyPoliciesLook) {
  Stepped world;
  world.kubelets.set("n1", {sample("p1", kNow), sample("p2", kNow), sample("stranger", kNow)});
  world.want(kWeb, nodes({"n1", "n1"}), {"p1"});
  world.want(kOther, nodes({"n1"}), {"p2"});
  world.run();
  EXPECT_EQ(world.kubelets.reads_of("n1"), 1);
  EXPECT_THAT(world.touched, UnorderedElementsAre("web", "other"));
  ASSERT_THAT(world.collector.readings(kWeb).memory, SizeIs(1));
  EXPECT_EQ(world.collector.readings(kWeb).memory[0].pod_uid, "p1");
  EXPECT_EQ(world.collector.readings(kOther).memory.at(0).pod_uid, "p2");
}

TEST(ObserveCollector, SampleThatIsNotNewTouchesNobody) {
  Stepped world;
  world.kubelets.set("n1", {sample("p1", kNow)});
  world.want(kWeb, nodes({"n1"}), {"p1"});
  world.run();
  world.clock.advance(seconds{10});
  world.run();
  EXPECT_THAT(world.touched, IsEmpty());
  world.kubelets.set("n1", {sample("p1", kNow + seconds{12})});
  world.clock.advance(seconds{10});
  world.run();
  EXPECT_THAT(world.touched, ElementsAre("web"));
  EXPECT_THAT(world.collector.readings(kWeb).memory.at(0).samples, SizeIs(2));
}

TEST(ObserveCollector, ProblemIsToldOnceAndHeals) {
  Stepped world;
  world.want(kWeb, nodes({"n1"}), {"p1"});
  world.run();
  EXPECT_THAT(world.touched, ElementsAre("web"));
  ASSERT_TRUE(world.collector.readings(kWeb).memory_problem);
  EXPECT_EQ(world.collector.readings(kWeb).memory_problem->what, "n1 does not answer");
  world.clock.advance(seconds{10});
  world.run();
  EXPECT_THAT(world.touched, IsEmpty());
  world.kubelets.set("n1", {sample("p1", kNow)});
  world.clock.advance(seconds{10});
  world.run();
  EXPECT_THAT(world.touched, ElementsAre("web"));
  EXPECT_FALSE(world.collector.readings(kWeb).memory_problem);
  EXPECT_THAT(world.collector.readings(kWeb).memory, SizeIs(1));
}

TEST(ObserveCollector, ProblemOfANodeThatIsNotOursIsNotTold) {
  Stepped world;
  world.kubelets.set("n1", {});
  world.want(kWeb, nodes({"n1"}));
  world.want(kOther, nodes({"n1", "n2"}));
  world.run();
  EXPECT_FALSE(world.collector.readings(kWeb).memory_problem);
  EXPECT_TRUE(world.collector.readings(kOther).memory_problem);
}

TEST(ObserveCollector, WantsAreReplaced) {
  Stepped world;
  world.kubelets.set("n1", {sample("p1", kNow)});
  world.kubelets.set("n2", {sample("p2", kNow)});
  world.want(kWeb, nodes({"n1"}), {"p1"});
  world.run();
  world.want(kWeb, nodes({"n2"}), {"p2"});
  world.run();
  ASSERT_THAT(world.collector.readings(kWeb).memory, SizeIs(1));
  EXPECT_EQ(world.collector.readings(kWeb).memory[0].pod_uid, "p2");
  world.want(kWeb, {});
  EXPECT_FALSE(world.run());
  EXPECT_THAT(world.collector.readings(kWeb).memory, IsEmpty());
}

TEST(ObserveCollector, SamplesStayWhileAnyoneWantsThePod) {
  Stepped world;
  world.kubelets.set("n1", {sample("p1", kNow)});
  world.want(kWeb, nodes({"n1"}), {"p1"});
  world.want(kOther, nodes({"n1"}), {"p1"});
  world.run();
  world.want(kWeb, {});
  EXPECT_THAT(world.collector.readings(kOther).memory, SizeIs(1));
}

TEST(ObserveCollector, ChecksEachPodEachPeriod) {
  Stepped world;
  for (int i = 0; i < 4; ++i) world.http.answers.push_back(wire::Response{i == 1 ? 500 : 200, {}, ""});
  world.want_probe(probe_of({{"p1", "web-1", "10.0.0.1"}, {"p2", "web-2", "10.0.0.2"}}));
  EXPECT_EQ(world.run(), seconds{5});
  EXPECT_THAT(world.touched, ElementsAre("web", "web"));
  auto probes = world.collector.readings(kWeb).probes;
  ASSERT_THAT(probes, SizeIs(2));
  EXPECT_EQ(probes[0].outcome, decide::Probed::Ok);
  EXPECT_EQ(probes[1].outcome, decide::Probed::Wrong);
  world.clock.advance(seconds{5});
  world.want_probe(probe_of({{"p1", "web-1", "10.0.0.1"}, {"p2", "web-2", "10.0.0.2"}}));
  world.run();
  probes = world.collector.readings(kWeb).probes;
  EXPECT_EQ(probes.at(1).outcome, decide::Probed::Ok);
  EXPECT_EQ(probes.at(1).taken, kNow + seconds{5});
}

TEST(ObserveCollector, ResultsOfPodsThatAreNotCheckedAnyMoreAreDropped) {
  Stepped world;
  world.http.answers.assign(2, wire::Response{200, {}, ""});
  world.want_probe(probe_of({{"p1", "web-1", "10.0.0.1"}}));
  world.run();
  world.want_probe(probe_of({{"p2", "web-2", "10.0.0.2"}}));
  EXPECT_THAT(world.collector.readings(kWeb).probes, IsEmpty());
  world.run();
  EXPECT_EQ(world.collector.readings(kWeb).probes.at(0).pod_uid, "p2");
  world.want_probe({});
  EXPECT_THAT(world.collector.readings(kWeb).probes, IsEmpty());
  EXPECT_FALSE(world.run());
}

TEST(ObserveCollector, ResultOfACheckThatWasDroppedMeanwhileIsDropped) {
  Stepped world;
  world.http.answers.push_back(wire::Response{200, {}, ""});
  world.http.on_send = [&] { world.want_probe({}); };
  world.want_probe(probe_of({{"p1", "web-1", "10.0.0.1"}}));
  EXPECT_FALSE(world.run());
  EXPECT_THAT(world.touched, IsEmpty());
  EXPECT_THAT(world.collector.readings(kWeb).probes, IsEmpty());
}

TEST(ObserveCollector, EvidenceIsFetchedOnceAndOutlivesTheWant) {
  Stepped world;
  world.api.objects["pods/shop/web-1/log?previous=true"] = "bye";
  world.want_evidence("run-1");
  world.run();
  EXPECT_THAT(world.touched, ElementsAre("web"));
  const auto asked = world.api.asked.size();
  world.want_evidence("run-1");
  world.want(kWeb, {});  // the revert went on without waiting
  world.run();
  EXPECT_EQ(world.api.asked.size(), asked);
  const auto found = world.collector.readings(kWeb);
  EXPECT_EQ(found.evidence_of, "run-1");
  ASSERT_TRUE(found.evidence);
  EXPECT_EQ(found.evidence->at(0).previous, "bye");
}

TEST(ObserveCollector, EvidenceIsForgottenAfterTenMinutes) {
  Stepped world;
  world.want_evidence("run-1");
  world.run();
  world.want(kWeb, {});
  world.clock.advance(kEvidenceKept);
  EXPECT_FALSE(world.run());
  EXPECT_FALSE(world.collector.readings(kWeb).evidence);
}

TEST(ObserveCollector, EvidenceOfTheNextRunReplacesTheLast) {
  Stepped world;
  world.want_evidence("run-1");
  world.run();
  world.want_evidence("run-2");
  EXPECT_FALSE(world.collector.readings(kWeb).evidence);
  world.run();
  EXPECT_EQ(world.collector.readings(kWeb).evidence_of, "run-2");
  EXPECT_TRUE(world.collector.readings(kWeb).evidence);
}

TEST(ObserveCollector, EvidenceOfNoPodsIsThereAtOnce) {
  Stepped world;
  Wants wants;
  wants.evidence = decide::EvidenceWant{"run-1", {}};
  world.want(kWeb, wants);
  world.run();
  ASSERT_TRUE(world.collector.readings(kWeb).evidence);
  EXPECT_THAT(*world.collector.readings(kWeb).evidence, IsEmpty());
}

// ---- with its own threads ----

constexpr seconds kDeadline{20};

// Hangs until the collector stops, as a kubelet that does not answer.
void hang(const std::stop_token& stop) {
  std::promise<void> stopped;
  std::stop_callback callback(stop, [&] { stopped.set_value(); });
  stopped.get_future().wait();
}

struct Threaded {
  base::SystemClock clock;
  given::FakeKubelets kubelets;
  given::ScriptedHttp http;
  given::ScriptedApi api;
  std::map<std::string, std::promise<void>> promises;  // by policy, made before the start; kept at its first touch
  std::mutex mutex;
  std::set<std::string> kept;
  std::unique_ptr<Collector> collector;

  explicit Threaded(const std::set<std::string>& policies) {
    for (const auto& policy : policies) promises[policy];
    collector = std::make_unique<Collector>(Collector::Sources{kubelets, http, api}, clock, EvidenceLines::Full,
                                            [this](const Key& key) {
                                              std::lock_guard hold(mutex);
                                              if (kept.insert(key.name).second) promises.at(key.name).set_value();
                                            });
  }
  [[nodiscard]] bool is_touched(const std::string& policy) {
    return promises.at(policy).get_future().wait_for(kDeadline) == std::future_status::ready;
  }
};

TEST(ObserveCollectorThreads, WantWakesAThread) {
  Threaded world({"web"});
  world.kubelets.set("n1", {sample("p1", kNow)});
  world.collector->start();
  world.collector->want(kWeb, nodes({"n1"}), {"p1"});
  ASSERT_TRUE(world.is_touched("web"));
  EXPECT_THAT(world.collector->readings(kWeb).memory, SizeIs(1));
}

TEST(ObserveCollectorThreads, DeadKubeletsDelayNoOtherAndNoEvidence) {
  Threaded world({"web", "other"});
  world.kubelets.on_read([](const std::string& node, const std::stop_token& stop) {
    if (node.starts_with("dead")) hang(stop);
  });
  world.kubelets.set("n1", {sample("p1", kNow)});
  world.collector->start();
  world.collector->want({"shop", "dead"}, nodes({"dead1", "dead2", "dead3"}), {});
  world.collector->want(kWeb, nodes({"n1"}), {"p1"});
  EXPECT_TRUE(world.is_touched("web"));
  world.collector->want({"shop", "dead"}, nodes({"dead1", "dead2", "dead3", "dead4", "dead5"}), {});
  Wants wants;
  wants.evidence = decide::EvidenceWant{"run-1", {{"web-1", "app", 1, "Error", "", "", ""}}};
  world.collector->want(kOther, wants, {});
  EXPECT_TRUE(world.is_touched("other"));
  const auto begin = std::chrono::steady_clock::now();
  world.collector.reset();  // ends those that hang
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kDeadline);
}

decide::TrafficWant routes(milliseconds period, const std::string& route = "web") {
  return {api::CanaryPair{{{"gateway.networking.k8s.io", "HTTPRoute", route}}, "stable", "web"}, period};
}
// Asks a cluster in memory.
struct OnCluster {
  fake::ManualClock clock;
  fake::FakeCluster cluster{clock};
  given::FakeKubelets kubelets;
  given::ScriptedHttp http;
  std::vector<std::string> touched;
  Collector collector{
      {kubelets, http, cluster}, clock, EvidenceLines::Full, [this](const Key& key) { touched.push_back(key.name); }};
  std::optional<base::Millis> run() {
    touched.clear();
    return collector.run_due();
  }
};
struct WithRoutes : OnCluster {
  WithRoutes() {
    auto person = cluster.as_user("person");
    for (const char* name : {"stable", "web"}) person.create(fake::service_json(name));
    person.create(fake::http_route_json("web", {{"stable", 90}, {"web", 10}}));
    person.update({fake::kHttpRoutes, fake::kNamespace, "web", "status", {}},
                  [](auto& route) { route["status"] = fake::accepted_json(); });
  }
  void want(std::optional<decide::TrafficWant> traffic) {
    Wants wants;
    wants.traffic = std::move(traffic);
    collector.want(kWeb, wants, {});
  }
  std::optional<decide::Traffic> read() const { return collector.readings(kWeb).traffic; }
};

TEST(CollectTraffic, ReadsRoutesAndSelectors) {
  WithRoutes world;
  world.want(routes(seconds{60}));
  EXPECT_EQ(world.run(), seconds{60});
  EXPECT_THAT(world.touched, ElementsAre("web"));
  const auto traffic = world.read();
  ASSERT_TRUE(traffic);
  EXPECT_EQ(traffic->canary_selector, (api::Strings{{"app", "web"}}));
  ASSERT_THAT(traffic->routes, SizeIs(1));
  ASSERT_THAT(traffic->routes[0].route.splits, SizeIs(1));
  EXPECT_EQ(traffic->routes[0].route.splits[0].canary, 10);
  EXPECT_TRUE(traffic->routes[0].route.accepted);
}

TEST(CollectTraffic, ReadsTheAutoscalersOfTheNamespace) {
  WithRoutes world;
  auto person = world.cluster.as_user("person");
  person.create(fake::autoscaler_json("stable", 2, 5));
  person.create(fake::autoscaler_json("stable", 3, 4, "elsewhere"));
  auto of_a_set = fake::autoscaler_json("queue", 1, 9);
  of_a_set["spec"]["scaleTargetRef"]["kind"] = "StatefulSet";
  person.create(of_a_set);
  world.want(routes(seconds{60}));
  world.run();
  const auto traffic = world.read();
  ASSERT_TRUE(traffic);
  EXPECT_FALSE(traffic->autoscalers_problem);
  ASSERT_TRUE(traffic->autoscalers);
  ASSERT_THAT(*traffic->autoscalers, SizeIs(1));
  const auto& scaler = traffic->autoscalers->front();
  EXPECT_EQ(std::tie(scaler.name, scaler.target), std::tuple("stable", "stable"));
  EXPECT_EQ(std::tuple(scaler.min, scaler.max, scaler.owned_by_us), std::tuple(2, 5, false));
}

TEST(CollectTraffic, AutoscalersThatCanNotBeReadAreAProblemOfTheirOwn) {
  WithRoutes world;
  world.cluster.fail_next(fake::calls_to("list", wire::kAutoscalers), base::Fault::Forbidden);
  world.want(routes(seconds{60}));
  world.run();
  ASSERT_TRUE(world.read());
  ASSERT_TRUE(world.read()->autoscalers_problem);
  EXPECT_EQ(world.read()->autoscalers_problem->fault, base::Fault::Forbidden);
  EXPECT_FALSE(world.read()->service_problem);
}

TEST(CollectTraffic, WhatSaysTheSameIsNewsOnlyWhileItIsWaitedFor) {
  WithRoutes world;
  world.want(routes(seconds{60}));
  world.run();
  world.clock.advance(seconds{60});
  world.run();
  EXPECT_THAT(world.touched, IsEmpty());
  world.want(routes(milliseconds{250}));
  EXPECT_EQ(world.run(), milliseconds{250}) << "wanted more often, it is read at once";
  EXPECT_THAT(world.touched, ElementsAre("web"));
}

TEST(CollectTraffic, NamesWhatIsNotThere) {
  WithRoutes world;
  world.want(routes(seconds{60}, "other"));
  world.run();
  ASSERT_TRUE(world.read()->routes[0].problem);
  EXPECT_EQ(world.read()->routes[0].problem->fault, base::Fault::NotFound);
}

TEST(CollectTraffic, EndsWithTheWant) {
  WithRoutes world;
  world.want(routes(seconds{60}));
  world.run();
  world.want(std::nullopt);
  EXPECT_FALSE(world.read());
  EXPECT_EQ(world.run(), std::nullopt);
}

struct WithRights : OnCluster {
  void want(const Key& key, std::vector<decide::Right> rights) {
    Wants wants;
    wants.rights = std::move(rights);
    collector.want(key, wants, {});
  }
  [[nodiscard]] std::vector<std::string> answers() const {
    std::vector<std::string> out;
    for (const auto& [right, is_allowed] : collector.readings(kWeb).permissions)
      out.push_back(right + (is_allowed ? ": yes" : ": no"));
    return out;
  }
};
const decide::Right kPatch{"patch", "apps", "deployments"};
const decide::Right kCreate{"create", "rollback.riptide.dev", "rollbacks"};

TEST(CollectRights, AsksOnceForANamespaceAndThenEveryThreeHours) {
  WithRights world;
  world.want(kWeb, {kPatch, kCreate});
  world.want(kOther, {kPatch});
  EXPECT_THAT(world.answers(), IsEmpty()) << "nothing is known yet";
  EXPECT_EQ(world.run(), kRightsPeriod);
  EXPECT_THAT(world.touched, UnorderedElementsAre("web", "other")) << "each once, when all of its answers are there";
  EXPECT_THAT(world.answers(), ElementsAre("create rollbacks.rollback.riptide.dev: yes", "patch deployments.apps: yes"));
  world.want(kWeb, {kPatch, kCreate});
  EXPECT_EQ(world.run(), kRightsPeriod) << "what is wanted already is not asked for anew";
  EXPECT_THAT(world.cluster.writes(), IsEmpty());
}

TEST(CollectRights, LooksEachMinuteForOneThatIsMissing) {
  WithRights world;
  world.cluster.forbid("patch deployments");
  world.want(kWeb, {kPatch, kCreate});
  EXPECT_EQ(world.run(), seconds{60});
  EXPECT_THAT(world.answers(), Contains("patch deployments.apps: no"));
  world.clock.advance(seconds{60});
  world.run();
  EXPECT_THAT(world.touched, IsEmpty());
  world.cluster.forbid("patch deployments", false);
  world.clock.advance(seconds{60});
  world.run();
  EXPECT_THAT(world.touched, ElementsAre("web"));
  EXPECT_THAT(world.answers(), Contains("patch deployments.apps: yes"));
}

TEST(CollectRights, EndsWithTheLastThatWantsIt) {
  WithRights world;
  world.want(kWeb, {kPatch});
  world.want(kOther, {kPatch});
  world.run();
  world.want(kWeb, {});
  EXPECT_TRUE(world.run());
  world.want(kOther, {});
  EXPECT_FALSE(world.run());
}

}  // namespace
}  // namespace observe
