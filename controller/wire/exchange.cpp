#include "wire/exchange.hpp"

#include <algorithm>

namespace wire {
namespace {

// The transport may read on while the reader is busy, up to this much.
constexpr std::size_t kReadAhead = 1u << 20;
// How often the reader looks at what the kernel has received (see Exchange::flooded), and what may lie in its buffers.
constexpr base::Millis kLookEvery{50};
constexpr base::Millis kLookEverySilence{1000};
constexpr std::uint64_t kKernelBuffers = 16u << 20;

}  // namespace

void Exchange::probe(SocketProbe socket) {
  std::lock_guard hold(mutex_);
  if (closed_) return;
  socket_ = std::move(socket);
  received_base_ = socket_.received();
}

void Exchange::answered(int status, Headers headers) {
  {
    std::lock_guard hold(mutex_);
    answer_.emplace(status, std::move(headers));
  }
  changed_.notify_all();
}

Exchange::Offer Exchange::offer(std::string_view piece, std::function<void()> resume) {
  bool full = false;
  {
    std::lock_guard hold(mutex_);
    if (closed_ || end_) return Offer::Taken;
    if (piece.size() > max_piece_) {
      end_ = tl::unexpected(Failure{false, "a piece of the answer is longer than " + std::to_string(max_piece_) + " bytes"});
    } else {
      pending_.append(piece);
      offered_ += piece.size();
      full = pending_.size() >= kReadAhead;
      if (full) resume_ = std::move(resume);
    }
  }
  changed_.notify_all();
  return full ? Offer::Full : Offer::Taken;
}

void Exchange::ended() {
  {
    std::lock_guard hold(mutex_);
    if (!end_) end_ = StreamEnd::Closed;
  }
  changed_.notify_all();
}

void Exchange::failed(Failure why) {
  {
    std::lock_guard hold(mutex_);
    if (!end_) end_ = tl::unexpected(std::move(why));
  }
  changed_.notify_all();
}

bool Exchange::has_news() const { return end_ || (answer_ && !told_) || (told_ && !pending_.empty()); }

// The transport keeps headers and each HTTP chunk in memory until they are complete, however long they are, and offers no
// limit. So the kernel is asked how much came since the last piece was handed over.
bool Exchange::flooded() {
  const auto received = socket_.received();
  if (offered_ != offered_base_) {
    offered_base_ = offered_;
    received_base_ = received;
  }
  return received > received_base_ + max_piece_ + kKernelBuffers;
}

Exchange::Verdict Exchange::turn(const Pace& pace, Steady::time_point deadline, const std::stop_token& stop) {
  if (stop.stop_requested()) return StreamEnd::Stopped;
  if (!end_ && Steady::now() >= deadline) {
    if (pace.kind == Pace::Kind::Silence && told_) return StreamEnd::Idle;
    const auto waited = pace.kind == Pace::Kind::Whole ? pace.longest : pace.first;
    return tl::unexpected(Failure{false, "no complete answer within " + std::to_string(waited.count()) + " ms"});
  }
  if (!has_news() && flooded()) {
    return tl::unexpected(Failure{false, "more than " + std::to_string(max_piece_) + " bytes came in one piece"});
  }
  if (end_ && (!answer_ || (told_ && pending_.empty()))) return *end_;
  return std::nullopt;
}

bool Exchange::deliver(std::unique_lock<std::mutex>& lock, const StreamSink& sink) {
  if (!told_) {
    told_ = true;
    lock.unlock();
    const bool go_on = sink.on_headers(answer_->first, answer_->second);  // written once, before told_
    lock.lock();
    return go_on;
  }
  const std::string bytes = std::exchange(pending_, {});
  const auto resume = std::exchange(resume_, nullptr);
  lock.unlock();
  if (resume) resume();
  const bool go_on = sink.on_bytes(bytes);
  lock.lock();
  return go_on;
}

void Exchange::close(std::unique_lock<std::mutex>& lock) {
  closed_ = true;
  socket_ = SocketProbe{};  // a second handle would keep the connection from being closed
  const auto resume = std::exchange(resume_, nullptr);
  lock.unlock();
  if (resume) resume();
}

tl::expected<StreamEnd, Failure> Exchange::read(const StreamSink& sink, const Pace& pace, std::stop_token stop) {
  const bool silence = pace.kind == Pace::Kind::Silence;
  auto deadline = Steady::now() + (silence ? pace.first : pace.longest);
  std::unique_lock lock(mutex_);
  Verdict verdict;
  while (!verdict) {
    const auto look = Steady::now() + (silence ? kLookEverySilence : kLookEvery);
    changed_.wait_until(lock, stop, std::min(deadline, look), [this] { return has_news(); });
    verdict = turn(pace, deadline, stop);
    if (verdict || !has_news()) continue;
    if (!deliver(lock, sink)) verdict = StreamEnd::Stopped;
    if (silence) deadline = Steady::now() + pace.longest;
  }
  close(lock);
  return *verdict;
}

}  // namespace wire
