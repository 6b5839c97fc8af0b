#include "act/actor.hpp"

#include "act/ownership.hpp"
#include "act/revert.hpp"

namespace act {
namespace {

struct Performer {
  wire::Api& api;

  base::Result<void> operator()(const decide::RevertTemplate& step) const { return revert_template(api, step); }
  base::Result<void> operator()(const decide::GiveBackOwnership& step) const { return give_back_ownership(api, step); }
};

}  // namespace

Outcome Actor::perform(const std::vector<decide::Step>& plan) {
  Outcome out;
  for (const auto& step : plan) {
    if (auto held = std::visit(Performer{api_}, step); !held) {
      out.error = held.error();
      return out;
    }
    ++out.done;
  }
  return out;
}

}  // namespace act
