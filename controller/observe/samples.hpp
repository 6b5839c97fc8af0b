// The last minutes of memory samples, of pods that somebody wants only.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "observe/memory_source.hpp"

namespace observe {

inline constexpr base::Seconds kSamplesLast{600};

class Samples {
 public:
  // A pod is wanted as often as it is held.
  void hold(const std::string& pod_uid);
  void release(const std::string& pod_uid);

  // False if it adds nothing: nobody wants the pod, or the kubelet has not measured again since.
  bool add(const PodMemory& seen);
  // Of a pod's containers, by name.
  void collect(const std::string& pod_uid, std::vector<decide::ContainerMemory>& out) const;

 private:
  struct Held {
    int holders = 0;
    std::map<std::string, std::vector<decide::MemorySample>> containers;
  };
  std::unordered_map<std::string, Held> pods_;
};

}  // namespace observe
