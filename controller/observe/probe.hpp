// One HTTP check of one pod.
#pragma once

#include <stop_token>

#include "base/clock.hpp"
#include "decide/decide.hpp"
#include "wire/http.hpp"

namespace observe {

// Ok: a status of 200 to 299. Wrong: any other status (a redirect is not followed). Unreachable: no complete answer in time, or
// nothing that can be asked. `taken` is the time of the answer. Nothing of the answer's body is told: it is not ours to
// publish.
[[nodiscard]] decide::ProbeResult probe(wire::Http& http, const api::HttpChecks& checks, const api::HttpCheck& check,
                                        const decide::ProbeWant::Target& pod, const base::Clock& clock,
                                        const std::stop_token& stop);

}  // namespace observe
