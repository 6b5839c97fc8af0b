#include "wire/reflector.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "wire/json_text.hpp"

namespace wire {
namespace {

using base::Fault;

constexpr int kPageSize = 500;
constexpr int kShortestWatch = 300;  // seconds; the longest is the double, so that watches do not end together
constexpr base::Millis kQuick{1000};
constexpr int kMaxQuickEnds = 20;
constexpr base::Millis kFirstBackoff{800};
constexpr base::Millis kLongestBackoff{30'000};
constexpr base::Millis kRest{120'000};

// The error that an ERROR event carries: a metav1.Status.
base::Error told_by(std::string_view status) {
  int code = 0;
  if (const auto text = member(status, "code")) std::from_chars(text->data(), text->data() + text->size(), code);
  return {code == 410 ? Fault::Expired : Fault::Unavailable,
          fmt::format("the stream said {} {}", code, plain_string(status, {"message"}))};
}

}  // namespace

bool Backoff::is_rested() const { return failures_ == 0 || clock_.boot() - last_ >= kRest; }

base::Millis Backoff::next() {
  if (is_rested()) failures_ = 0;
  const auto step = std::min(kLongestBackoff, kFirstBackoff * (1 << std::min(failures_, 10)));
  ++failures_;
  const auto jitter = base::Millis(static_cast<base::Millis::rep>(static_cast<double>(step.count()) * random_()));
  const auto wait = std::min(kLongestBackoff, step + jitter);
  last_ = clock_.boot() + wait;
  return wait;
}

// How one watch came to its end. `error`: told by the stream or by the Api.
struct Reflector::Ending {
  base::Millis began;
  bool saw_events = false;
  std::optional<base::Error> error;
};

Reflector::Reflector(Api& api, Collection of, ReflectorSink sink, Outside outside)
    : api_(api),
      of_(std::move(of)),
      sink_(std::move(sink)),
      outside_(std::move(outside)),
      backoff_(outside_.clock, outside_.random) {}

void Reflector::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto wait = step(stop);
    if (wait > base::Millis{0} && !outside_.wait(wait, stop)) return;
  }
}

base::Millis Reflector::step(const std::stop_token& stop) {
  switch (state_) {
    case State::Listing:
      return list();
    case State::Watching:
      return watch(stop);
  }
  std::abort();
}

base::Millis Reflector::retry(const base::Error& why, State next) {
  state_ = next;
  const bool at_once = why.fault == Fault::Expired && backoff_.is_rested();
  const auto wait = backoff_.next();
  if (sink_.failed) sink_.failed(why);
  return at_once ? base::Millis{0} : wait;
}

base::Millis Reflector::list() {
  sink_.begin_list();
  std::string token;
  std::string version;
  do {
    const auto page = api_.list(of_, kPageSize, token);
    if (!page) return retry(page.error(), State::Listing);
    version = plain_string(*page, {"metadata", "resourceVersion"});
    if (version.empty()) return retry({Fault::Unavailable, "the answer to a list has no resourceVersion"}, State::Listing);
    token = plain_string(*page, {"metadata", "continue"});
    sink_.page(*page);
  } while (!token.empty());
  version_ = version;
  quick_ends_ = 0;
  state_ = State::Watching;
  sink_.end_list(version_);
  if (!std::exchange(synced_, true)) sink_.synced();
  return base::Millis{0};
}

bool Reflector::take(std::string_view line, Ending& ending) {
  const auto type = plain_string(line, {"type"});
  const auto object = member(line, "object");
  if (type == "ERROR" && object) {
    ending.error = told_by(*object);
    return false;
  }
  const auto version = plain_string(object.value_or(""), {"metadata", "resourceVersion"});
  const bool is_change = type == "ADDED" || type == "MODIFIED" || type == "DELETED";
  if (version.empty() || (!is_change && type != "BOOKMARK")) {
    ending.error = base::Error{Fault::Invalid, fmt::format("not a watch event: {}", line.substr(0, 120))};
    return false;
  }
  ending.saw_events = true;
  version_ = version;
  if (is_change) sink_.item(type, *object);
  return true;
}

base::Millis Reflector::watch(const std::stop_token& stop) {
  const int seconds = kShortestWatch + static_cast<int>(outside_.random() * kShortestWatch);
  Ending ending{outside_.clock.boot(), false, std::nullopt};
  const auto done = api_.watch(of_, {version_, seconds}, [&](std::string_view line) { return take(line, ending); }, stop);
  if (!done && !ending.error) ending.error = done.error();
  if (stop.stop_requested()) return base::Millis{0};
  return after(ending);
}

base::Millis Reflector::after(const Ending& ending) {
  if (ending.error) {
    const auto fault = ending.error->fault;
    const bool keep = fault == Fault::Unavailable || fault == Fault::Throttled;
    return retry(*ending.error, keep ? State::Watching : State::Listing);
  }
  const bool quick = !ending.saw_events && outside_.clock.boot() - ending.began < kQuick;
  quick_ends_ = quick ? quick_ends_ + 1 : 0;
  if (quick_ends_ < kMaxQuickEnds) return base::Millis{0};
  return retry({Fault::Unavailable, fmt::format("{} watches in a row were closed at once", kMaxQuickEnds)}, State::Listing);
}

}  // namespace wire
