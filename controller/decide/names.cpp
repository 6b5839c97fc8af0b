#include "decide/names.hpp"

#include "base/digest.hpp"

namespace decide {

std::string rollback_name(const api::Meta& policy, const std::string& target_uid, const api::RevisionRef& bad) {
  constexpr size_t kCut = 36;
  std::string stem = policy.name.substr(0, kCut);
  while (!stem.empty() && (stem.back() == '-' || stem.back() == '.')) stem.pop_back();
  const std::string identity = policy.uid + "\n" + target_uid + "\n" + bad.uid + "\n" + std::to_string(bad.number);
  return stem + "-" + base::digest(identity, 12);
}

}  // namespace decide
