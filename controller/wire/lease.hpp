// Leader election on a coordination.k8s.io Lease, and the fence behind it.
//
// Only time since boot counts: the holder's from the moment before its last successful renewal was sent, the others' from
// the moment they saw the lease change. Times written in the lease are for people; no clock of another machine is believed.
// A holder stops writing `renew_deadline` after its last renewal, the others wait `duration` after theirs: the difference is
// the margin for a request in flight and for clocks of different rates. A standby looks more often than the holder renews, and
// at the very moment when the lease becomes free: a dead holder is replaced within duration + look of its last renewal.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "wire/api.hpp"

namespace wire {

struct LeaseOptions {
  std::string ns;
  std::string name;
  std::string identity;  // unique for each process: two with the same would both lead
  base::Seconds duration{15};
  base::Millis renew_deadline{10'000};
  base::Millis retry{2'000};  // of the holder, and of everybody while the server does not answer
  base::Millis look{1'000};   // of a standby
};

// Thread rule: step() and release() on one thread, may_write() on every.
class Lease {
 public:
  Lease(Api& api, LeaseOptions options, const base::Clock& clock);

  // Tries to get or renew the lease; returns when to be called again.
  [[nodiscard]] base::Millis step();
  // Gives the lease up, so that another need not wait for its end. Last call.
  void release();

  // To be asked before every write.
  [[nodiscard]] bool may_write() const;

 private:
  struct Seen {  // the lease as last read
    std::string version;
    std::string holder;
    std::int64_t transitions = 0;
    base::Seconds duration{0};
    std::string acquired;
  };

  [[nodiscard]] bool is_free() const;
  [[nodiscard]] base::Millis next_look() const;
  [[nodiscard]] Result<void> look();
  [[nodiscard]] Result<void> create();
  [[nodiscard]] Result<void> write(const std::string& holder);
  [[nodiscard]] Result<void> try_hold();
  [[nodiscard]] Result<void> saw(const std::string& text);
  void step_down(const std::string& why);

  Api& api_;
  const LeaseOptions options_;
  const base::Clock& clock_;
  // Only step()'s thread.
  std::optional<Seen> seen_;
  base::Millis changed_at_{0};  // when seen_ was seen to change
  bool leading_ = false;
  std::string told_;  // the last reason why it can't be had, which is logged once
  // Every thread.
  std::atomic<base::Millis::rep> writes_until_{0};
};

// The Api for everything that only the leader may do. Reads pass; writes fail with Unavailable when the fence is down.
class FencedApi final : public Api {
 public:
  FencedApi(Api& api, const Lease& lease) : api_(api), lease_(lease) {}

  [[nodiscard]] Result<std::string> get(const Ref& ref) override { return api_.get(ref); }
  [[nodiscard]] Result<std::string> list(const Collection& of, int limit, const std::string& continue_token) override {
    return api_.list(of, limit, continue_token);
  }
  [[nodiscard]] Result<void> watch(const Collection& of, const WatchAsk& ask, const LineSink& sink,
                                   std::stop_token stop) override {
    return api_.watch(of, ask, sink, std::move(stop));
  }
  [[nodiscard]] Result<std::string> create(const Collection& in, const std::string& body) override;
  [[nodiscard]] Result<std::string> json_patch(const Ref& ref, const std::string& operations) override;
  [[nodiscard]] Result<void> remove(const Ref& ref, const std::string& uid) override;

 private:
  Api& api_;
  const Lease& lease_;
};

}  // namespace wire
