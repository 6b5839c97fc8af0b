// One request in flight: the hand-over between the transport's thread, which must never block or run our code, and the
// thread that called Http::send or Http::stream, which does all the waiting. The gate is here: however the transport
// orders its callbacks, the reader is told the status before the first byte.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "wire/http.hpp"
#include "wire/socket_probe.hpp"

namespace wire {

// Why there is no complete answer. `unsent`: it is certain that the server did not get the whole request.
struct Failure {
  bool unsent = false;
  std::string what;
};

// How long the reader waits. Whole: `longest` from the start to the last byte. Silence: `first` until the status, then
// `longest` between two pieces.
struct Pace {
  enum class Kind { Whole, Silence } kind;
  base::Millis first;
  base::Millis longest;
};

class Exchange {
 public:
  enum class Offer { Taken, Full };

  explicit Exchange(std::size_t max_piece) : max_piece_(max_piece) {}

  // Transport's thread. None of these blocks.
  void probe(SocketProbe socket);
  void answered(int status, Headers headers);
  // Copies `piece`. Full: taken, but send nothing more until `resume` was called (from any thread). A piece that is too large
  // is a failure; it, and what comes after the reader has gone, is dropped: the request is given up by the reader.
  [[nodiscard]] Offer offer(std::string_view piece, std::function<void()> resume);
  void ended();
  void failed(Failure why);

  // Reader's thread, once. What came before an end or a failure is delivered first. Afterwards everything is refused.
  [[nodiscard]] tl::expected<StreamEnd, Failure> read(const StreamSink& sink, const Pace& pace, std::stop_token stop);

 private:
  using Steady = std::chrono::steady_clock;
  using Verdict = std::optional<tl::expected<StreamEnd, Failure>>;

  [[nodiscard]] bool has_news() const;
  [[nodiscard]] bool flooded();
  [[nodiscard]] Verdict turn(const Pace& pace, Steady::time_point deadline, const std::stop_token& stop);
  [[nodiscard]] bool deliver(std::unique_lock<std::mutex>& lock, const StreamSink& sink);
  void close(std::unique_lock<std::mutex>& lock);

  const std::size_t max_piece_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Under the mutex.
  SocketProbe socket_;
  std::uint64_t received_base_ = 0;
  std::uint64_t offered_ = 0;
  std::uint64_t offered_base_ = 0;
  std::optional<std::pair<int, Headers>> answer_;
  bool told_ = false;
  std::string pending_;
  std::function<void()> resume_;
  std::optional<tl::expected<StreamEnd, Failure>> end_;
  bool closed_ = false;
};

}  // namespace wire
