#include "fake/faults.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace fake {

Match calls_to(std::string verb, wire::Kind kind, std::string subresource) {
  return [verb = std::move(verb), kind, subresource = std::move(subresource)](const Call& call) {
    return call.verb == verb && call.kind == kind && call.subresource == subresource;
  };
}

void Faults::fail_next(Match match, base::Fault fault, int times, Lost lost) {
  state_.with([&](State& s) { s.rules.push_back({std::move(match), fault, times, lost}); });
}

void Faults::stop_failing() {
  state_.with([](State& s) { s.rules.clear(); });
}

void Faults::cut_before(int k) { arm(k, Lost::Request); }

void Faults::cut_after(int k) { arm(k, Lost::Answer); }

void Faults::arm(int k, Lost when) {
  state_.with([&](State& s) {
    s.writes = 0;
    s.cut_at = k;
    s.cut = when;
  });
}

void Faults::revive() {
  state_.with([](State& s) {
    s.is_dead = false;
    s.cut_at = 0;
  });
}

Faults::Verdict Faults::judge(const Call& call) {
  return state_.with([&](State& s) {
    if (s.is_dead) throw Cut{s.writes};
    Verdict verdict;
    const bool is_write = call.verb == "create" || call.verb == "patch" || call.verb == "delete";
    if (is_write && ++s.writes == s.cut_at) {
      if (s.cut == Lost::Answer) {
        verdict.cut_after = s.writes;
      } else {
        s.is_dead = true;
        throw Cut{s.writes};
      }
    }
    const auto rule = std::find_if(s.rules.begin(), s.rules.end(), [&](const Rule& r) { return r.match(call); });
    if (rule == s.rules.end()) return verdict;
    const base::Error error{rule->fault,
                            fmt::format("{} {} \"{}\": injected by the test", call.verb, call.kind.plural, call.name)};
    (rule->lost == Lost::Request ? verdict.lost_request : verdict.lost_answer) = error;
    if (--rule->times == 0) s.rules.erase(rule);
    return verdict;
  });
}

void Faults::leave(const Verdict& verdict) {
  if (verdict.cut_after == 0) return;
  state_.with([](State& s) { s.is_dead = true; });
  throw Cut{verdict.cut_after};
}

}  // namespace fake
