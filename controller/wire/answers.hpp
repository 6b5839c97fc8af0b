// What an HTTP answer of the API server means (the table is in wire/api.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "wire/api.hpp"
#include "wire/http.hpp"

namespace wire {

// The error of an answer that is not 2xx. `doing` ("patch deployments shop/web") begins its text, the server's words follow.
[[nodiscard]] base::Error error_of(const Response& answer, std::string_view doing);

// True for the 422 that says nothing: a failed `test` of a JSON patch, or a denial without causes.
[[nodiscard]] bool is_bare_422(const Response& answer);

// Whether every `test` of a JSON patch holds on `object`. A patch or object that is not JSON counts as holding.
[[nodiscard]] bool tests_hold(const std::string& operations, const std::string& object);

// Retry-After in seconds, at most a minute: a mistaken server must not silence us for a day. A 429 without one asks for a
// second.
[[nodiscard]] std::optional<base::Millis> asked_to_wait(const Response& answer);

}  // namespace wire
