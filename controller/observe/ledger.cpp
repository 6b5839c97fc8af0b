#include "observe/ledger.hpp"

#include <algorithm>

namespace observe {
namespace {

bool is_earlier(const api::Failure& left, const api::Failure& right) { return left.time < right.time; }

}  // namespace

void keep_newest(std::vector<api::Failure>& failures, Instant now) {
  const auto young = std::find_if(failures.begin(), failures.end(),
                                  [&](const api::Failure& failure) { return now - failure.time <= kOldestFailure; });
  const auto surplus =
      failures.end() - young > static_cast<std::ptrdiff_t>(kMostFailures) ? failures.end() - kMostFailures : young;
  failures.erase(failures.begin(), surplus);
}

void Ledger::add(api::Failure failure) {
  failure.time = std::chrono::floor<base::Seconds>(failure.time);  // as status keeps it: else one failure would have two times
  const bool is_known =
      std::any_of(failures_.begin(), failures_.end(), [&](const api::Failure& known) { return known.id == failure.id; });
  if (is_known) return;
  failures_.insert(std::upper_bound(failures_.begin(), failures_.end(), failure, is_earlier), std::move(failure));
}

void Ledger::note_readiness(const api::Pod* before, const api::Pod& after, const std::string& revision_uid, Instant seen) {
  seen_ready_ = seen_ready_ || after.ready;
  if (after.ready) {
    for (auto& lost : lost_ready_) {
      if (lost.pod_uid == after.meta.uid && !lost.back) lost.back = after.ready_changed.value_or(seen);
    }
  } else if (auto lost = observe::lost_ready(before, after, revision_uid, seen)) {
    lost->at = std::chrono::floor<base::Seconds>(lost->at);
    lost_ready_.push_back(std::move(*lost));
    if (lost_ready_.size() > kMostFailures) lost_ready_.erase(lost_ready_.begin());
  }
  std::erase_if(lost_ready_, [&](const decide::LostReady& lost) { return seen - lost.at > kOldestFailure; });
}

void Ledger::note(const api::Pod* before, const api::Pod& after, const std::string& revision_uid, Instant seen) {
  auto fresh = failures_of(before, after, revision_uid, seen);
  for (auto& failure : fresh) add(std::move(failure));
  keep_newest(failures_, seen);
  note_readiness(before, after, revision_uid, seen);
  if (is_put_aside(after)) note_gone(after.meta.uid);
}

void Ledger::note_gone(std::string_view pod_uid) {
  std::erase_if(lost_ready_, [&](const decide::LostReady& lost) { return lost.pod_uid == pod_uid && !lost.back; });
}

}  // namespace observe
