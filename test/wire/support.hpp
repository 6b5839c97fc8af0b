// What the fault tests share.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/fault_server.hpp"
#include "wire/http.hpp"

namespace wire::test {

using namespace std::chrono_literals;
using base::Fault;

// Set once, waited for by others; a test's way to say "after that".
class Latch {
 public:
  void open();
  [[nodiscard]] bool wait(Millis limit = 10s);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

inline void Latch::open() {
  {
    std::lock_guard hold(mutex_);
    open_ = true;
  }
  changed_.notify_all();
}

inline bool Latch::wait(Millis limit) {
  std::unique_lock hold(mutex_);
  return changed_.wait_for(hold, limit, [this] { return open_; });
}

// What a server was asked, in order.
class Record {
 public:
  void add(std::string request) {
    std::lock_guard hold(mutex_);
    all_.push_back(std::move(request));
  }
  [[nodiscard]] std::vector<std::string> all() const {
    std::lock_guard hold(mutex_);
    return all_;
  }
  [[nodiscard]] long count(const std::string& method) const {
    const auto seen = all();
    return std::count_if(seen.begin(), seen.end(), [&](const auto& one) { return one.starts_with(method + " "); });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

class Stopwatch {
 public:
  [[nodiscard]] Millis elapsed() const { return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begin_); }

 private:
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

inline std::unique_ptr<Http> http_client(TlsIdentity identity = {}) {
  return std::move(make_cpprest_http([identity = std::move(identity)] { return identity; }).value());
}

inline Request request(std::string method, std::string url, std::string body = "") {
  Request made;
  made.method = std::move(method);
  made.url = std::move(url);
  made.body = std::move(body);
  if (!made.body.empty()) made.headers["content-type"] = "application/json";
  return made;
}

MATCHER_P(Fails, fault, "") { return !arg && arg.error().fault == fault; }
MATCHER_P2(FailsWith, fault, words, "") {
  if (arg) return false;
  *result_listener << "said: " << arg.error().what;
  return arg.error().fault == fault && arg.error().what.find(words) != std::string::npos;
}

}  // namespace wire::test
