// Keeps somebody's view of one collection up to date, for ever: a list, then a watch from its version, resumed when it ends,
// a new list when the server has forgotten the version.
//
//   Listing  --complete list-->                                            Watching
//   Listing  --any error (an expired page token too)-->                    Listing after a backoff
//   Watching --end of the stream, or 90 s of silence-->                    Watching at once, from the last version seen
//   Watching --the 20th end in a row within a second of its beginning-->   Listing after a backoff
//   Watching --410, at the door or as an ERROR event-->                    Listing; at once if all was well for 2 minutes
//   Watching --no answer, 5xx, 429, any other ERROR event-->               Watching after a backoff, from the same version
//   Watching --403, 404, an event that is not one-->                       Listing after a backoff
//
// Versions are opaque and only come from the server; lists are consistent reads, so the view never goes back in time.
// Thread rule: one thread runs it; the sink is called on that thread.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "wire/api.hpp"

namespace wire {

// All but `failed` must be set.
struct ReflectorSink {
  std::function<void()> begin_list;                 // a list begins; one that had begun and has not ended is void
  std::function<void(std::string_view page)> page;  // the text of a List object: one page of it
  std::function<void(const std::string& resource_version)> end_list;  // what was on none of the pages since begin is gone
  std::function<void()> synced;                                       // after the first complete list
  // ADDED, MODIFIED or DELETED, and the text of the object as the event carries it.
  std::function<void(std::string_view type, std::string_view object)> item;
  std::function<void(const base::Error&)> failed;  // each error, before it is retried; the next call above ends the trouble
};

// Doubles from 0.8 s to 30 s, each jittered between itself and its double (at most 30 s); forgets after two quiet minutes.
class Backoff {
 public:
  Backoff(const base::Clock& clock, std::function<double()> random) : clock_(clock), random_(std::move(random)) {}
  [[nodiscard]] bool is_rested() const;
  [[nodiscard]] base::Millis next();

 private:
  const base::Clock& clock_;
  const std::function<double()> random_;
  int failures_ = 0;
  base::Millis last_{0};
};

class Reflector {
 public:
  enum class State { Listing, Watching };

  struct Outside {
    const base::Clock& clock;
    std::function<double()> random;                                  // uniform in [0, 1)
    std::function<bool(base::Millis, const std::stop_token&)> wait;  // false: stopped meanwhile
  };

  Reflector(Api& api, Collection of, ReflectorSink sink, Outside outside);

  void run(const std::stop_token& stop);

  // One list or one watch; returns how long to wait before the next. For run() and tests.
  [[nodiscard]] base::Millis step(const std::stop_token& stop);
  [[nodiscard]] State state() const { return state_; }

 private:
  struct Ending;  // of one watch

  [[nodiscard]] base::Millis list();
  [[nodiscard]] base::Millis watch(const std::stop_token& stop);
  [[nodiscard]] bool take(std::string_view line, Ending& ending);
  [[nodiscard]] base::Millis after(const Ending& ending);
  [[nodiscard]] base::Millis retry(const base::Error& why, State next);

  Api& api_;
  const Collection of_;
  const ReflectorSink sink_;
  const Outside outside_;
  Backoff backoff_;
  State state_ = State::Listing;
  std::string version_;
  bool synced_ = false;
  int quick_ends_ = 0;
};

}  // namespace wire
