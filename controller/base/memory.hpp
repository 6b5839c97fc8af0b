// How this process takes memory from the system.
#pragma once

namespace base {

// First in main, before any thread. What is read once and dropped (the pages of a list, megabytes each) goes back to the
// system, and threads share what they have freed.
void keep_memory_small();

}  // namespace base
