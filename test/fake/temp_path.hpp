// A path for files of one test: tests run side by side, each in a process of its own.
#pragma once

#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace fake {

inline std::string temp_path(const std::string& name) {
  return testing::TempDir() + "riptide-" + std::to_string(getpid()) + "-" + name;
}

}  // namespace fake
