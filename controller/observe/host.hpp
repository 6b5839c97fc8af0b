// The part of a URL that says whom to ask.
#pragma once

#include <cstdint>
#include <string>

namespace observe {

// "10.0.0.1:8080"; an IPv6 address gets its brackets.
[[nodiscard]] inline std::string host_and_port(const std::string& ip, std::int64_t port) {
  const std::string host = ip.find(':') == std::string::npos ? ip : "[" + ip + "]";
  return host + ":" + std::to_string(port);
}

}  // namespace observe
