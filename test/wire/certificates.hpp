// Certificates made in the test itself: an authority, and what it signs.
#pragma once

#include <string>
#include <vector>

namespace wire::test {

struct Pem {
  std::string certificate;
  std::string key;
};

struct Wish {
  std::string common_name = "test";
  std::vector<std::string> names;  // "DNS:localhost", "IP:127.0.0.1"; none: no alternative names
  long valid_seconds = 3600;       // negative: expired
};

class Authority {
 public:
  explicit Authority(const std::string& name);
  [[nodiscard]] const std::string& pem() const { return own_.certificate; }
  [[nodiscard]] Pem sign(const Wish& wish) const;

 private:
  Pem own_;
};

// For a server on this machine: localhost and 127.0.0.1.
[[nodiscard]] Pem here(const Authority& authority);

}  // namespace wire::test
