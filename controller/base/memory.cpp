#include "base/memory.hpp"

#include <malloc.h>

namespace base {
namespace {

// By default every thread that reads lists gets an arena of its own and keeps its largest page in it.
constexpr int kArenas = 2;
// Fixed: otherwise it grows to the size of the first page that is freed, and all later pages stay in the heap.
constexpr int kOwnMapping = 64 << 10;

}  // namespace

void keep_memory_small() {
  mallopt(M_ARENA_MAX, kArenas);
  mallopt(M_MMAP_THRESHOLD, kOwnMapping);
}

}  // namespace base
