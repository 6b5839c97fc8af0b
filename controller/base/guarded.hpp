// A value that can be reached only through its lock.
#pragma once

#include <mutex>
#include <utility>

namespace base {

template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <class F>
  auto with(F&& use) {
    std::lock_guard hold(mutex_);
    return std::forward<F>(use)(value_);
  }
  template <class F>
  auto with(F&& use) const {
    std::lock_guard hold(mutex_);
    return std::forward<F>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace base
