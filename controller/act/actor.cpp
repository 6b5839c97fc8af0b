#include "act/actor.hpp"

#include "act/minimum.hpp"
#include "act/ownership.hpp"
#include "act/revert.hpp"
#include "act/traffic.hpp"
#include "act/turn.hpp"

namespace act {
namespace {

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

std::optional<decide::StepError> Actor::perform(const std::vector<decide::Step>& plan) {
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (auto held = std::visit(Performer{api_}, plan[i]); !held) return decide::StepError{i, held.error()};
  }
  return std::nullopt;
}

}  // namespace act
