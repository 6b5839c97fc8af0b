// What the kernel knows about a connection, asked beside the transport that owns it.
#pragma once

#include <cstdint>
#include <utility>

namespace wire {

// A handle of its own on a socket: usable from any thread, also after the transport has closed its handle.
class SocketProbe {
 public:
  SocketProbe() = default;
  explicit SocketProbe(int socket);
  SocketProbe(SocketProbe&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
  SocketProbe& operator=(SocketProbe&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~SocketProbe();

  // Bytes that the kernel has received since the connection began; 0 when there is none to ask.
  [[nodiscard]] std::uint64_t received() const;

 private:
  int handle_ = -1;
};

// True for an idle connection that is of no use any more: closed or reset by the peer, or holding bytes nobody asked for
// (for TLS that is the peer's farewell).
[[nodiscard]] bool is_stale(int socket);

}  // namespace wire
