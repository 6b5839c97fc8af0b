// Everything a pass knows, as one immutable value.
#pragma once

#include <functional>
#include <optional>

#include "observe/cache.hpp"
#include "observe/collector.hpp"

namespace observe {

// What the configuration says now.
struct Hold {
  bool kill_switch = false;
  int max_reverting = 10;
  bool moves_traffic = true;
};

// Thread rule: safe from every thread.
class Observer {
 public:
  // `hold` is asked at each look, so that an edited configuration counts at once.
  Observer(const Cache& cache, Collector& collector, std::function<Hold()> hold);

  // Nothing if neither the policy exists nor a Rollback names it. Unavailable while the caches are being filled.
  [[nodiscard]] Result<std::optional<decide::Snapshot>> look(const api::Key& policy);
  // What the policy wants measured from now on, in place of what it wanted before.
  void want(const api::Key& policy, decide::Wants wants);

 private:
  void add_readings(decide::Snapshot& world) const;

  const Cache& cache_;
  Collector& collector_;
  const std::function<Hold()> hold_;
};

}  // namespace observe
