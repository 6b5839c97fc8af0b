#include "record/metrics.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

namespace {

using api::Verdict;
using base::Millis;
using record::Metrics;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const api::Key kWeb{"shop", "web"};

std::vector<decide::Finding> findings() {
  return {{"memory", Verdict::Breached, "MemoryAboveLimit", "", "731.5Mi", {}},
          {"stuck", Verdict::Unknown, "Progressing", "", "2/3 available", {}}};
}

api::Rollback rollback(const std::string& trigger) {
  api::Rollback run;
  run.spec.trigger_name = trigger;
  return run;
}
api::RollbackStatus ended(const char* type, const char* reason) {
  api::RollbackStatus status;
  status.conditions.push_back({type, api::Status::True, reason, "", 0, {}});
  return status;
}
std::optional<api::RollbackPolicy> policy() {
  api::RollbackPolicy out;
  out.spec.triggers = {{"leak", api::MemoryTrigger{}}, {"unstable", api::FailuresTrigger{}}, {"stuck", api::ProgressTrigger{}}};
  return out;
}

struct Series {
  std::string type;
  std::set<std::string> labels;
  bool operator==(const Series&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Series& series) {
  out << series.type;
  for (const auto& label : series.labels) out << ' ' << label;
  return out;
}

std::map<std::string, Series> documented() {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "../../../doc/metrics.md");
  std::map<std::string, Series> out;
  const std::regex row(R"(\| `([a-z_]+)` \| ([a-z]+) \| ([a-z, ]*)\| .+ \|)");
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    Series series{found[2], {}};
    const std::string labels = found[3];
    const std::regex label("[a-z]+");
    for (std::sregex_iterator each(labels.begin(), labels.end(), label), end; each != end; ++each)
      series.labels.insert(each->str());
    out[found[1]] = series;
  }
  return out;
}

std::map<std::string, Series> exposed(const std::string& text) {
  std::map<std::string, Series> out;
  std::istringstream lines(text);
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_match(line, found, std::regex("# TYPE ([a-z_]+) ([a-z]+)"))) {
      name = found[1];
      out[name].type = found[2];
    }
    if (line.starts_with('#')) continue;
    const std::regex label("([a-z]+)=\"");
    for (std::sregex_iterator each(line.begin(), line.end(), label), end; each != end; ++each) {
      if ((*each)[1] != "le") out[name].labels.insert((*each)[1]);
    }
  }
  return out;
}

TEST(MetricsTest, AreThoseOfTheDocument) {
  Metrics metrics("1.2.3", "10.96.0.1:443");
  metrics.requested("GET", 200);
  metrics.policies().show(kWeb, findings());
  EXPECT_EQ(exposed(metrics.scrape()), documented());
  EXPECT_GE(documented().size(), 20U);
}

TEST(MetricsTest, WhatCanBeNamedStandsAtZero) {
  const auto text = Metrics("1.2.3").scrape();
  for (const char* line :
       {"controller_runtime_reconcile_total{controller=\"rollbackpolicy\",result=\"success\"} 0",
        "workqueue_depth{controller=\"rollbackpolicy\",name=\"rollbackpolicy\"} 0",
        "leader_election_master_status{name=\"rollback-controller\"} 0",
        "rollback_total{result=\"GitOpsConflict\",trigger=\"Memory\"} 0",
        "rollback_total{result=\"Stabilized\",trigger=\"Manual\"} 0", "rollback_duration_seconds_count{step=\"Stabilize\"} 0",
        "rollback_events_lost_total 0", "rollback_controller_build_info{version=\"1.2.3\"} 1"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsTest, PassesAreCountedByTheirEnd) {
  Metrics metrics("1");
  metrics.reconciled("success", Millis{20});
  metrics.reconciled("requeue_after", Millis{20});
  metrics.reconciled("error", Millis{20});
  metrics.reconciled("terminal_error", Millis{20});
  const auto text = metrics.scrape();
  for (const char* line : {"reconcile_total{controller=\"rollbackpolicy\",result=\"success\"} 1",
                           "reconcile_total{controller=\"rollbackpolicy\",result=\"requeue_after\"} 1",
                           "reconcile_total{controller=\"rollbackpolicy\",result=\"error\"} 2",
                           "reconcile_errors_total{controller=\"rollbackpolicy\"} 2",
                           "terminal_reconcile_errors_total{controller=\"rollbackpolicy\"} 1",
                           "reconcile_time_seconds_count{controller=\"rollbackpolicy\"} 4",
                           "reconcile_time_seconds_bucket{controller=\"rollbackpolicy\",le=\"0.025\"} 4",
                           "workqueue_retries_total{controller=\"rollbackpolicy\",name=\"rollbackpolicy\"} 2"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsTest, TheQueueAndItsWorkers) {
  Metrics metrics("1");
  metrics.queued(7);
  metrics.work().added();
  metrics.work().taken(Millis{5});
  metrics.work().workers(4);
  metrics.work().busy(2, Millis{1500}, Millis{1000});
  metrics.work().panicked();
  const auto text = metrics.scrape();
  for (const char* line :
       {"workqueue_depth{controller=\"rollbackpolicy\",name=\"rollbackpolicy\"} 7",
        "workqueue_adds_total{controller=\"rollbackpolicy\",name=\"rollbackpolicy\"} 1",
        "workqueue_queue_duration_seconds_sum{controller=\"rollbackpolicy\",name=\"rollbackpolicy\"} 0.005",
        "max_concurrent_reconciles{controller=\"rollbackpolicy\"} 4", "active_workers{controller=\"rollbackpolicy\"} 2",
        "unfinished_work_seconds{controller=\"rollbackpolicy\",name=\"rollbackpolicy\"} 1.5",
        "longest_running_processor_seconds{controller=\"rollbackpolicy\",name=\"rollbackpolicy\"} 1",
        "reconcile_panics_total{controller=\"rollbackpolicy\"} 1"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsTest, RequestsAndLeadership) {
  Metrics metrics("1", "10.96.0.1:443");
  metrics.requested("PATCH", 422);
  metrics.requested("PATCH", 422);
  metrics.requested("GET", 0);
  metrics.leading(true);
  EXPECT_THAT(metrics.scrape(), HasSubstr("leader_election_master_status{name=\"rollback-controller\"} 1"));
  metrics.leading(false);
  const auto text = metrics.scrape();
  EXPECT_THAT(text, HasSubstr("leader_election_master_status{name=\"rollback-controller\"} 0"));
  EXPECT_THAT(text, HasSubstr("rest_client_requests_total{code=\"422\",host=\"10.96.0.1:443\",method=\"PATCH\"} 2"));
  EXPECT_THAT(text, HasSubstr("rest_client_requests_total{code=\"<error>\",host=\"10.96.0.1:443\",method=\"GET\"} 1"));
}

TEST(PolicyMetricsTest, ShowsTheLiveValues) {
  Metrics metrics("1");
  metrics.policies().show(kWeb, findings());
  const auto text = metrics.scrape();
  EXPECT_THAT(text, HasSubstr("trigger_value{namespace=\"shop\",policy=\"web\",trigger=\"memory\"} 767033344"));
  EXPECT_THAT(text, HasSubstr("trigger_verdict{namespace=\"shop\",policy=\"web\",trigger=\"memory\"} 1"));
  EXPECT_THAT(text, HasSubstr("trigger_verdict{namespace=\"shop\",policy=\"web\",trigger=\"stuck\"} -1"));
  EXPECT_THAT(text, Not(HasSubstr("trigger_value{namespace=\"shop\",policy=\"web\",trigger=\"stuck\"}")));
}

TEST(PolicyMetricsTest, WhatIsGoneVanishes) {
  Metrics metrics("1");
  metrics.policies().show(kWeb, findings());
  metrics.policies().show({"shop", "api"}, findings());
  metrics.policies().show(kWeb, {findings()[1]});
  EXPECT_THAT(metrics.scrape(), Not(HasSubstr("policy=\"web\",trigger=\"memory\"")));
  EXPECT_THAT(metrics.scrape(), HasSubstr("policy=\"web\",trigger=\"stuck\""));
  metrics.policies().forget(kWeb);
  metrics.policies().forget(kWeb);
  EXPECT_THAT(metrics.scrape(), Not(HasSubstr("policy=\"web\"")));
  EXPECT_THAT(metrics.scrape(), HasSubstr("policy=\"api\",trigger=\"memory\""));
  metrics.policies().show(kWeb, findings());
  EXPECT_THAT(metrics.scrape(), HasSubstr("policy=\"web\",trigger=\"memory\""));
}

// A reading that is no number any more must not stand there as if it were new.
TEST(PolicyMetricsTest, AValueThatCanNotBeReadVanishes) {
  Metrics metrics("1");
  metrics.policies().show(kWeb, findings());
  auto unknown = findings();
  unknown[0] = {"memory", Verdict::Unknown, "NoReadings", "", "", {}};
  metrics.policies().show(kWeb, unknown);
  EXPECT_THAT(metrics.scrape(), Not(HasSubstr("trigger_value{")));
  EXPECT_THAT(metrics.scrape(), HasSubstr("trigger_verdict{namespace=\"shop\",policy=\"web\",trigger=\"memory\"} -1"));
}

TEST(PolicyMetricsTest, AnEndIsCountedOnce) {
  Metrics metrics("1");
  auto run = rollback("leak");
  const auto end = ended("Complete", "Stabilized");
  metrics.policies().moved(run, end, policy());
  run.status = end;
  metrics.policies().moved(run, end, policy());
  metrics.policies().moved(rollback("leak"), {}, policy());
  EXPECT_THAT(metrics.scrape(), HasSubstr("rollback_total{result=\"Stabilized\",trigger=\"Memory\"} 1"));
}

struct Trigger {
  const char* name;
  const char* asked;
  std::optional<api::RollbackPolicy> policy;
  const char* want;
};
class EndOfRunTest : public testing::TestWithParam<Trigger> {};

TEST_P(EndOfRunTest, IsCountedByTheTypeOfItsTrigger) {
  Metrics metrics("1");
  metrics.policies().moved(rollback(GetParam().asked), ended("Failed", "GaveUp"), GetParam().policy);
  EXPECT_THAT(metrics.scrape(),
              HasSubstr(std::string("rollback_total{result=\"GaveUp\",trigger=\"") + GetParam().want + "\"} 1"));
}

INSTANTIATE_TEST_SUITE_P(
    Triggers, EndOfRunTest,
    testing::Values(Trigger{"memory", "leak", policy(), "Memory"}, Trigger{"failures", "unstable", policy(), "Failures"},
                    Trigger{"progress", "stuck", policy(), "Progress"}, Trigger{"by_hand", "", policy(), "Manual"},
                    Trigger{"renamed", "old", policy(), "Unknown"}, Trigger{"policy_gone", "leak", std::nullopt, "Unknown"}),
    [](const auto& info) { return info.param.name; });

TEST(PolicyMetricsTest, StepsAreMeasuredWhenTheyEnd) {
  Metrics metrics("1");
  const base::Instant begin{seconds{100}};
  api::RollbackStatus status;
  status.steps = {{"Revert", api::StepState::Running, begin, {}, ""}, {"Evidence", api::StepState::Skipped, {}, begin, ""}};
  auto run = rollback("leak");
  metrics.policies().moved(run, status, policy());
  EXPECT_THAT(metrics.scrape(), HasSubstr("rollback_duration_seconds_count{step=\"Revert\"} 0"));
  run.status = status;
  status.steps[0].ended = begin + seconds{7};
  metrics.policies().moved(run, status, policy());
  run.status = status;
  metrics.policies().moved(run, status, policy());
  EXPECT_THAT(metrics.scrape(), HasSubstr("rollback_duration_seconds_count{step=\"Revert\"} 1"));
  EXPECT_THAT(metrics.scrape(), HasSubstr("rollback_duration_seconds_sum{step=\"Revert\"} 7"));
  EXPECT_THAT(metrics.scrape(), HasSubstr("rollback_duration_seconds_count{step=\"Evidence\"} 0"));
}

}  // namespace
