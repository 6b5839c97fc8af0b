// What `helm test` asks from outside of the controller: whether it is at work.
#pragma once

#include <functional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "run/config.hpp"
#include "wire/api.hpp"
#include "wire/credentials.hpp"

namespace run {

class Check {
 public:
  // `ns` holds the Lease and the Deployment.
  Check(wire::Api& api, std::string ns, std::string deployment, std::string lease);

  // What was found, in one sentence; an error says what is missing, and what to do. That somebody leads takes two looks: the
  // Lease must have been renewed between them, for no written time is believed.
  [[nodiscard]] base::Result<std::string> look();

 private:
  [[nodiscard]] base::Result<void> serves(const wire::Kind& kind);
  [[nodiscard]] base::Result<int> ready();
  [[nodiscard]] base::Result<std::string> leader();

  wire::Api& api_;
  const std::string ns_, deployment_, lease_;
  std::string first_renewal_;  // of the Lease, as it was seen first
};

// Looks each second until all of it holds, for 30 s at most.
[[nodiscard]] base::Result<std::string> check(const Flags& flags, const wire::Endpoint& where, const base::Clock& clock);

}  // namespace run
