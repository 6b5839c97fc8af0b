// Read-your-writes: the object that the server answers to a write goes into the cache at once, so that the next pass does not
// decide on the state before it.
#pragma once

#include <functional>

#include "wire/api.hpp"

namespace run {

// Thread rule: as the Api beneath.
class WriteThrough final : public wire::Api {
 public:
  using Learn = std::function<void(const wire::Kind&, std::string_view object)>;
  WriteThrough(wire::Api& beneath, Learn learn) : beneath_(beneath), learn_(std::move(learn)) {}

  [[nodiscard]] base::Result<std::string> get(const wire::Ref& ref) override { return beneath_.get(ref); }
  [[nodiscard]] base::Result<std::string> list(const wire::Collection& of, int limit, const std::string& token) override {
    return beneath_.list(of, limit, token);
  }
  [[nodiscard]] base::Result<void> watch(const wire::Collection& of, const wire::WatchAsk& ask, const wire::LineSink& sink,
                                         std::stop_token stop) override {
    return beneath_.watch(of, ask, sink, stop);
  }
  [[nodiscard]] base::Result<std::string> create(const wire::Collection& in, const std::string& body) override {
    return learned(in.kind, beneath_.create(in, body));
  }
  [[nodiscard]] base::Result<std::string> json_patch(const wire::Ref& ref, const std::string& operations) override {
    return learned(ref.kind, beneath_.json_patch(ref, operations));
  }
  [[nodiscard]] base::Result<void> remove(const wire::Ref& ref, const std::string& uid) override {
    return beneath_.remove(ref, uid);
  }

 private:
  base::Result<std::string> learned(const wire::Kind& kind, base::Result<std::string> answer) const {
    if (answer) learn_(kind, *answer);
    return answer;
  }

  wire::Api& beneath_;
  Learn learn_;
};

}  // namespace run
