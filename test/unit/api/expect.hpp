// Matchers and objects that the tests of the codecs share.
#pragma once

#include <chrono>

#include <gmock/gmock.h>

#include "api/codec.hpp"
#include "base/result.hpp"

// A Result that failed as Invalid, with these words in its message.
MATCHER_P(is_invalid, words, "") {
  if (arg.has_value()) {
    *result_listener << "which succeeded";
    return false;
  }
  *result_listener << "which says: " << arg.error().what;
  return arg.error().fault == base::Fault::Invalid && arg.error().what.find(words) != std::string::npos;
}

namespace given {

inline api::Instant at(int second) {
  using namespace std::chrono_literals;
  return api::Instant{std::chrono::sys_days{2026y / 1 / 2}} + std::chrono::seconds{second};
}

// With every field set to something that is not its default.
[[nodiscard]] api::PolicyStatus full_policy_status();
[[nodiscard]] api::RollbackStatus full_rollback_status();
[[nodiscard]] api::RollbackSpec full_rollback_spec();

}  // namespace given
