#include "crash/machine.hpp"

#include <gtest/gtest.h>

#include "wire/json_text.hpp"

namespace crash {

Machine::Machine(fake::FakeCluster& cluster, fake::ManualClock& clock, Kubelets& kubelets, Pods& pods)
    : cluster_(cluster),
      clock_(clock),
      queue_(clock),
      cache_(clock, observe::kept_kinds(true), {}, [this](const api::Key& key) { queue_.add(key); }),
      api_(cluster, [this](const wire::Kind& kind, std::string_view object) { std::ignore = cache_.learn(kind, object); }),
      collector_({kubelets, pods, cluster}, clock, observe::EvidenceLines::Full,
                 [this](const api::Key& key) { queue_.add(key); }),
      observer_(cache_, collector_, [this] { return hold_; }),
      actor_(api_, clock),
      metrics_("test"),
      recorder_(api_, metrics_, clock, "test"),
      reconciler_(observer_, actor_, recorder_, clock),
      workers_(queue_, clock,
               {[this](const api::Key& key) { return reconciler_.pass(key); }, [] { return true; },
                [](const api::Key&, const char*, base::Millis) {}}) {
  for (const auto& kind : observe::kept_kinds(true)) list(kind);
}

void Machine::list(const wire::Kind& kind) {
  const wire::Collection all{kind, ""};
  seen_[std::string(kind.plural)] = cluster_.version();
  cache_.begin(all);
  const auto page = cluster_.list(all, 1000, "");
  ASSERT_TRUE(page) << page.error().what;
  ASSERT_TRUE(cache_.put_list(all, *page));
  cache_.end(all);
}

void Machine::take_in() {
  if (late_) return;
  for (const auto& kind : observe::kept_kinds(true)) {
    auto& seen = seen_[std::string(kind.plural)];
    const auto version = cluster_.version();
    for (const auto& line : cluster_.drain(kind, seen)) {
      const auto object = wire::member(line, "object");
      ASSERT_TRUE(object) << line;
      ASSERT_TRUE(cache_.apply({kind, ""}, wire::plain_string(line, {"type"}), *object));
    }
    seen = version;
  }
}

void Machine::catch_up() {
  constexpr int kMost = 200;
  for (int i = 0; i < kMost; ++i) {
    take_in();
    auto key = queue_.try_take();
    if (!key) {
      collector_.run_due();
      key = queue_.try_take();
    }
    if (!key) return;
    workers_.work(*key);
    queue_.done(*key);
  }
  FAIL() << "the controller does not come to rest: " << kMost << " passes at one instant";
}

}  // namespace crash
