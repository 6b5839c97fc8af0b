#include "base/memory.hpp"

#include <malloc.h>

#include <vector>

#include <gtest/gtest.h>

#if !defined(__SANITIZE_ADDRESS__)  // which has an allocator of its own
namespace {

size_t mapped() { return mallinfo2().hblkhd; }

TEST(Memory, ALargeBlockHasItsOwnMappingAfterALargerOneWasDropped) {
  base::keep_memory_small();
  const size_t before = mapped();
  std::vector<char> block(8u << 20);
  EXPECT_GE(mapped(), before + block.size());
  std::vector<char>().swap(block);
  EXPECT_EQ(mapped(), before);
  block.resize(1u << 20);
  EXPECT_GE(mapped(), before + block.size());
}

}  // namespace
#endif
