// What the tests of traffic look at in a run: its steps of one kind, and what TrafficMoved tells.
#pragma once

#include <string>
#include <vector>

#include "world.hpp"

namespace decide_test {

template <class T>
std::vector<T> all(const decide::Progress& out) {
  std::vector<T> found;
  for (const auto& each : out.steps) {
    if (const auto* one = std::get_if<T>(&each)) found.push_back(*one);
  }
  return found;
}

template <class T>
int count(const decide::Progress& out) {
  return static_cast<int>(all<T>(out).size());
}

inline std::string told(const decide::Progress& out) { return condition(out.next.conditions, "TrafficMoved"); }

}  // namespace decide_test
