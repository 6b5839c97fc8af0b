#include "observe/samples.hpp"

namespace observe {

void Samples::hold(const std::string& pod_uid) { ++pods_[pod_uid].holders; }

void Samples::release(const std::string& pod_uid) {
  const auto found = pods_.find(pod_uid);
  if (found != pods_.end() && --found->second.holders == 0) pods_.erase(found);
}

bool Samples::add(const PodMemory& seen) {
  const auto found = pods_.find(seen.pod_uid);
  if (found == pods_.end()) return false;
  auto& samples = found->second.containers[seen.container];
  if (!samples.empty() && seen.sample.taken <= samples.back().taken) return false;
  samples.push_back(seen.sample);
  // By the samples' own time: the node's clock need not agree with ours.
  std::erase_if(samples, [&](const auto& sample) { return seen.sample.taken - sample.taken > kSamplesLast; });
  return true;
}

void Samples::collect(const std::string& pod_uid, std::vector<decide::ContainerMemory>& out) const {
  const auto found = pods_.find(pod_uid);
  if (found == pods_.end()) return;
  for (const auto& [container, samples] : found->second.containers) out.push_back({pod_uid, container, samples});
}

}  // namespace observe
