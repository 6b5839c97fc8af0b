// A call that was given up is still being wound up by the transport's thread when a test ends. The process waits for that
// before it exits, or the leak checker takes what is under way for lost.
#ifdef __SANITIZE_ADDRESS__  // the leak checker's builds only
#include <gtest/gtest.h>
#include <pplx/pplxtasks.h>

#include "wire/http.hpp"

namespace {

class Drain final : public testing::Environment {
  void TearDown() override {
    constexpr int kDeepest = 64;  // continuations of continuations: each waits in the one thread's queue behind the last
    wire::prepare_process();
    for (int i = 0; i < kDeepest; ++i) pplx::create_task([] {}).wait();
  }
};

const auto* const kDrain = testing::AddGlobalTestEnvironment(new Drain);

}  // namespace
#endif
