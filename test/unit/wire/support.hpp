// A fake of this room's inner port, an Http that answers from a script, and matchers for results.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fake/manual_clock.hpp"
#include "wire/api.hpp"
#include "wire/http.hpp"

namespace wire::unit {

using namespace std::chrono_literals;
using base::Fault;
using base::Millis;

// Answers each request with the next of its answers and keeps what was asked. Running out of answers is Unavailable.
class ScriptedHttp final : public Http {
 public:
  ScriptedHttp& then(int status, std::string body = "{}", Headers headers = {}) {
    answers_.push_back(Response{status, std::move(headers), std::move(body)});
    return *this;
  }
  Result<Response> send(const Request& request, std::stop_token) override {
    asked.push_back(request);
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    if (answers_.empty()) return base::fail(Fault::Unavailable, "connection refused");
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  Result<StreamEnd> stream(const Request& request, const StreamSink& sink, std::stop_token stop) override {
    const auto answer = send(request, stop);
    if (!answer) return tl::unexpected(answer.error());
    if (!sink.on_headers(answer->status, answer->headers)) return StreamEnd::Stopped;
    return sink.on_bytes(answer->body) ? StreamEnd::Closed : StreamEnd::Stopped;
  }

  std::vector<Request> asked;
  std::function<void()> meanwhile;  // once, while the next request is under way

 private:
  std::deque<Response> answers_;
};

MATCHER_P(Fails, fault, "") { return !arg && arg.error().fault == fault; }
MATCHER_P2(FailsWith, fault, words, "") {
  if (arg) return false;
  *result_listener << "said: " << arg.error().what;
  return arg.error().fault == fault && arg.error().what.find(words) != std::string::npos;
}

}  // namespace wire::unit
