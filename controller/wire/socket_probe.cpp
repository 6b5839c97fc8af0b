#include "wire/socket_probe.hpp"

#include <cerrno>
#include <cstddef>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wire {

SocketProbe::SocketProbe(int socket) : handle_(::dup(socket)) {}

SocketProbe::~SocketProbe() {
  if (handle_ >= 0) ::close(handle_);
}

std::uint64_t SocketProbe::received() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (handle_ < 0 || ::getsockopt(handle_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return size >= offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received ? info.tcpi_bytes_received : 0;
}

bool is_stale(int socket) {
  char byte = 0;
  const auto got = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace wire
