#include "base/digest.hpp"

#include <algorithm>
#include <array>

#include <openssl/sha.h>

namespace base {

std::string digest(std::string_view text, size_t hex) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> sum{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), sum.data());
  std::string out;
  for (const unsigned char byte : sum) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out.substr(0, std::min(hex, out.size()));
}

}  // namespace base
