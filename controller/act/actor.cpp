#include "act/actor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "act/minimum.hpp"
#include "act/ownership.hpp"
#include "act/revert.hpp"
#include "act/traffic.hpp"
#include "act/turn.hpp"

namespace act {
namespace {

constexpr base::Millis kLookAnew{1'000};
constexpr base::Millis kFirstRest{5'000};
constexpr base::Millis kLongestRest{60'000};
constexpr base::Millis kForgotten{600'000};  // nobody has planned it since

struct Performer {
  wire::Api& api;

  base::Result<void> operator()(const decide::MoveTraffic& step) const { return move_traffic(api, step); }
  base::Result<void> operator()(const decide::ScalePeer& step) const { return scale_peer(api, step); }
  base::Result<void> operator()(const decide::RaiseMinimum& step) const { return raise_minimum(api, step); }
  base::Result<void> operator()(const decide::TurnService& step) const { return turn_service(api, step); }
  base::Result<void> operator()(const decide::RevertTemplate& step) const { return revert_template(api, step); }
  base::Result<void> operator()(const decide::GiveBackOwnership& step) const { return give_back_ownership(api, step); }
  base::Result<void> operator()(const decide::RestoreMinimum& step) const { return restore_minimum(api, step); }
};

}  // namespace

Outcome Actor::perform(const std::vector<decide::Step>& plan) {
  Outcome out;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (decide::tidies(plan[i])) continue;
    if (auto held = std::visit(Performer{api_}, plan[i]); !held) {
      out.failed = decide::StepError{i, held.error()};
      return out;
    }
  }
  tidy(plan, out);
  return out;
}

void Actor::tidy(const std::vector<decide::Step>& plan, Outcome& out) {
  const auto now = clock_.boot();
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto* what = decide::tidies(plan[i]);
    if (!what) continue;
    const auto name = fmt::format("{}/{}", plan[i].index(), what->uid);
    auto rest = resting_.with([&](auto& all) {
      std::erase_if(all, [&](const auto& entry) { return now - entry.second.until > kForgotten; });
      const auto found = all.find(name);
      return found == all.end() ? Rest{} : found->second;
    });
    if (rest.until <= now) {
      const auto held = std::visit(Performer{api_}, plan[i]);
      if (held) {
        resting_.with([&](auto& all) { all.erase(name); });
        continue;
      }
      out.left.push_back({i, held.error()});
      const bool is_old_view = base::is_old_view(held.error().fault);
      rest.until = now + (is_old_view ? kLookAnew : std::min(kLongestRest, kFirstRest * (1 << std::min(rest.attempts, 6))));
      rest.attempts += is_old_view ? 0 : 1;
      resting_.with([&](auto& all) { all[name] = rest; });
    }
    const auto wait = rest.until - now;
    if (!out.again || wait < *out.again) out.again = wait;
  }
}

}  // namespace act
