// Values instead of exceptions inside the walls (doc/adr/001): every function that can fail returns Result<T>.
// A Fault exists only if it changes the reaction; `what` is for people (verb, object, the server's words) and
// is never branched on.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace base {

enum class Fault {
  NotFound,     // the object is not there
  Conflict,     // it changed, or it exists already: our view was old
  Expired,      // the resourceVersion is too old to go on from: list again
  Invalid,      // the server refused the content (schema, admission, quota): only an edit can help
  Forbidden,    // a right is missing
  Throttled,    // 429: told to wait
  Unavailable,  // no answer, or an answer that says nothing about the request
};

// What was written against was not what is there: the next look heals it, so there is nothing to tell.
[[nodiscard]] constexpr bool is_old_view(Fault fault) {
  return fault == Fault::NotFound || fault == Fault::Conflict || fault == Fault::Expired;
}

struct Error {
  Fault fault;
  std::string what;
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Fault fault, std::string what) {
  return tl::unexpected<Error>(Error{fault, std::move(what)});
}

}  // namespace base
