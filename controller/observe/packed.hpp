// An object as the cache keeps it: its fields in one string of bytes. There are tens of thousands of them, and the object
// itself is several times as big.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/workload.hpp"

namespace observe {

// T is api::Pod or api::ReplicaSet.
template <class T>
class Packed {
 public:
  Packed() = default;
  explicit Packed(const T& object);

  // All but what the cache keeps elsewhere: name and namespace (the key it lies under) and controller (what it lies at).
  [[nodiscard]] T unpack() const;
  [[nodiscard]] std::string_view uid() const;
  [[nodiscard]] std::uint64_t version() const { return version_; }  // resourceVersion; 0 if it is not a number
  [[nodiscard]] bool has_content_of(const Packed& other) const { return bytes_ == other.bytes_; }  // version aside
  [[nodiscard]] size_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
  std::uint64_t version_ = 0;
};

extern template class Packed<api::Pod>;
extern template class Packed<api::ReplicaSet>;

// A resourceVersion as a number; 0 if it is none.
[[nodiscard]] std::uint64_t version_number(std::string_view resource_version);

}  // namespace observe
