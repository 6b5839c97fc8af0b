// Worlds by chance, from a seed: any field absent or odd (random_world), and what may happen to a sane one (happen).
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "decide/decide.hpp"

namespace decide_test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  [[nodiscard]] int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  [[nodiscard]] bool once_in(int n) { return below(n) == 0; }
  template <class T>
  [[nodiscard]] T one_of(const std::vector<T>& all) {
    return all[static_cast<size_t>(below(static_cast<int>(all.size())))];
  }
  // Up to `most` seconds ago, or a little ahead: clocks differ.
  [[nodiscard]] api::Instant about_now(int most = 4000);
  template <class T>
  [[nodiscard]] std::optional<T> maybe(T value) {
    return once_in(3) ? std::nullopt : std::optional<T>(std::move(value));
  }

 private:
  std::mt19937_64 engine_;
};

[[nodiscard]] decide::Snapshot random_world(Dice& dice);

// One thing happens in the cluster, or a person does one.
void happen(decide::Snapshot& world, Dice& dice, api::Instant now);
// The API server and the Deployment controller carry out what was planned.
void perform(decide::Snapshot& world, const std::vector<decide::Step>& plan, api::Instant now);

}  // namespace decide_test
