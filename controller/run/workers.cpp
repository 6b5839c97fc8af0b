#include "run/workers.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"

namespace run {

base::Result<Again> Workers::guarded_pass(const api::Key& key) const {
  try {
    return job_.pass(key);
  } catch (const std::exception& problem) {  // the last wall: one policy's odd object must not stop the others
    job_.observed(key, "panic", base::Millis{0});
    base::log::error("pass threw", {{"policy", key.ns + "/" + key.name}, {"error", problem.what()}});
    return base::fail(base::Fault::Unavailable, problem.what());
  }
}

void Workers::work(const api::Key& key) {
  const auto begin = clock_.boot();
  begun_.with([&](auto& all) { all[key] = begin; });
  const auto result = guarded_pass(key);
  begun_.with([&](auto& all) { all.erase(key); });
  if (result) {
    failures_.with([&](auto& failures) { failures.erase(key); });
    if (result->after) queue_.add_after(key, *result->after);
    job_.observed(key, result->after ? "requeue_after" : "success", clock_.boot() - begin);
    return;
  }
  const int attempt = failures_.with([&](auto& failures) { return failures[key]++; });
  const base::Millis again = again_after(result.error(), attempt);
  const bool routine = result.error().fault == base::Fault::Conflict && attempt < 5;  // an old view heals by itself
  (routine ? base::log::debug : base::log::warn)("pass failed",
                                                 {{"policy", key.ns + "/" + key.name}, {"error", result.error().what}});
  if (base::is_old_view(result.error().fault))
    queue_.add_after(key, again);
  else
    queue_.back_off(key, again);
  job_.observed(key, "error", clock_.boot() - begin);
}

Workers::Busy Workers::busy() const {
  Busy out;
  const auto now = clock_.boot();
  begun_.with([&](const auto& all) {
    for (const auto& [key, begun] : all) {
      ++out.active;
      out.sum += now - begun;
      out.longest = std::max(out.longest, now - begun);
    }
  });
  return out;
}

void Workers::start(int count) {
  for (int i = 0; i < count; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) {
      while (const auto key = queue_.take(stop)) {
        if (job_.may_work()) {
          work(*key);
        } else {
          dropped_ = true;
        }
        queue_.done(*key);
      }
    });
  }
}

void Workers::stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

}  // namespace run
