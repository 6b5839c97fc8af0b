#include "api/condition.hpp"

#include <algorithm>

namespace api {

const Condition* find(const Conditions& all, std::string_view type) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const Condition& each) { return each.type == type; });
  return at == all.end() ? nullptr : &*at;
}

bool is_true(const Conditions& all, std::string_view type) {
  const Condition* found = find(all, type);
  return found != nullptr && found->status == Status::True;
}

void set(Conditions& all, Condition next, Instant now) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const Condition& each) { return each.type == next.type; });
  if (at == all.end()) {
    next.changed = now;
    all.push_back(std::move(next));
    return;
  }
  next.changed = at->status == next.status ? at->changed : now;
  *at = std::move(next);
}

}  // namespace api
