// The whole process, wired: caches, lease, workers, collector, servers. main.cpp makes one and runs it.
#pragma once

#include <memory>
#include <stop_token>

#include "base/clock.hpp"
#include "run/config.hpp"
#include "wire/credentials.hpp"

namespace run {

class Operator {
 public:
  // `identity` is this process's name in the Lease and in Events; unique for each process.
  [[nodiscard]] static base::Result<std::unique_ptr<Operator>> make(const Flags& flags, const wire::Endpoint& endpoint,
                                                                    const std::string& identity, const base::Clock& clock);
  virtual ~Operator() = default;

  // Blocks until `stop`: then the passes under way end, the lease is given up, and it returns.
  virtual void run(const std::stop_token& stop) = 0;
};

}  // namespace run
