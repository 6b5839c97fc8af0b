// What a test can make go wrong at the port of a FakeCluster. Thread rule: safe from every thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "base/result.hpp"
#include "wire/api.hpp"

namespace fake {

// A call that came through the port. Verbs are the audit log's: get, list, watch, create, patch, delete.
struct Call {
  std::string verb;
  wire::Kind kind;
  std::string ns;
  std::string name;  // "" for list and watch
  std::string subresource;
  std::string body;
};

// The process was killed. Not a std::exception: no wall may catch it.
struct Cut {
  int write;  // the number of the write at which it happened, from 1
};

enum class Lost { Request, Answer };  // Answer: the server has done it, the caller is not told

using Match = std::function<bool(const Call&)>;
[[nodiscard]] Match calls_to(std::string verb, wire::Kind kind, std::string subresource = "");
inline constexpr int kAlways = 1 << 30;

class Faults {
 public:
  // The next `times` calls that match fail. The first rule that matches is used up first.
  void fail_next(Match match, base::Fault fault, int times = 1, Lost lost = Lost::Request);
  void stop_failing();

  // A kill -9 at the k-th write (create, patch or delete; from 1, counted from here on), before it reaches the server or after
  // the server has committed it: that call throws Cut, and so does every later one, reads too, until revive().
  void cut_before(int k);
  void cut_after(int k);
  void revive();

 protected:
  struct Verdict {
    std::optional<base::Error> lost_request;
    std::optional<base::Error> lost_answer;
    int cut_after = 0;  // number of this write if it is to be cut after its commit
  };
  // Before the server sees the call; throws Cut.
  [[nodiscard]] Verdict judge(const Call& call);
  // After the server has answered; throws Cut.
  void leave(const Verdict& verdict);

 private:
  struct Rule {
    Match match;
    base::Fault fault;
    int times;
    Lost lost;
  };
  struct State {
    std::vector<Rule> rules;
    int writes = 0;
    int cut_at = 0;  // 0: never
    Lost cut = Lost::Request;
    bool is_dead = false;
  };
  void arm(int k, Lost when);

  base::Guarded<State> state_;
};

}  // namespace fake
