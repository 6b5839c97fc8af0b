#include "wire/fault_server.hpp"

#include <algorithm>
#include <csignal>
#include <regex>
#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wire::test {
namespace {

SSL_CTX* context_of(const ServerTls& tls) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (tls.only_tls_1_1) {
    SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  }
  BIO* text = BIO_new_mem_buf(tls.identity.certificate.data(), -1);
  X509* certificate = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
  BIO_free(text);
  text = BIO_new_mem_buf(tls.identity.key.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
  BIO_free(text);
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  // Asks for a certificate and takes any: who the client says it is matters to the tests, not whether it is true.
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  return context;
}

std::string common_name(SSL* ssl) {
  X509* certificate = SSL_get1_peer_certificate(ssl);
  if (!certificate) return {};
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  X509_free(certificate);
  return name;
}

// cpprest puts no space behind the colon of the headers it is given.
std::size_t content_length(const std::string& head) {
  static const std::regex header("\r\ncontent-length: *([0-9]+)", std::regex::icase);
  std::smatch found;
  return std::regex_search(head, found, header) ? std::stoul(found[1]) : 0;
}

}  // namespace

Peer::Peer(int socket, const std::optional<ServerTls>& tls) : socket_(socket) {
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!tls) return;
  SSL_CTX* context = context_of(*tls);
  SSL* ssl = SSL_new(context);
  context_ = context;
  ssl_ = ssl;
  SSL_set_fd(ssl, socket_);
  open_ = SSL_accept(ssl) == 1;
  if (open_) client_ = common_name(ssl);
}

Peer::~Peer() {
  SSL_free(static_cast<SSL*>(ssl_));
  SSL_CTX_free(static_cast<SSL_CTX*>(context_));
  ::close(socket_);
}

long Peer::read_some(char* into, std::size_t size) {
  if (!open_) return 0;
  if (ssl_) return SSL_read(static_cast<SSL*>(ssl_), into, static_cast<int>(size));
  return ::recv(socket_, into, size, 0);
}

std::string Peer::read_request() {
  std::size_t whole = std::string::npos;
  char buffer[65536];
  for (;;) {
    const auto head = ahead_.find("\r\n\r\n");
    if (head != std::string::npos) whole = head + 4 + content_length(ahead_.substr(0, head));
    if (ahead_.size() >= whole) break;
    const auto got = read_some(buffer, sizeof buffer);
    if (got <= 0) return {};
    ahead_.append(buffer, static_cast<std::size_t>(got));
  }
  auto request = ahead_.substr(0, whole);
  ahead_.erase(0, whole);
  return request;
}

bool Peer::write(std::string_view bytes) {
  while (open_ && !bytes.empty()) {
    const auto put = ssl_ ? SSL_write(static_cast<SSL*>(ssl_), bytes.data(), static_cast<int>(bytes.size()))
                          : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    written_ += static_cast<std::size_t>(put);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return open_;
}

bool Peer::drip(std::string_view bytes, Millis time) {
  return std::all_of(bytes.begin(), bytes.end(), [&](const char& byte) { return write({&byte, 1}) && pause(time); });
}

bool Peer::pause(Millis time) const {
  pollfd waiting{socket_, POLLRDHUP, 0};
  return ::poll(&waiting, 1, static_cast<int>(time.count())) == 0;
}

void Peer::wait_for_hang_up() const { pause(Millis{60'000}); }

void Peer::hang_up() {
  if (ssl_ && open_) SSL_shutdown(static_cast<SSL*>(ssl_));
  open_ = false;
  ::shutdown(socket_, SHUT_RDWR);
}

void Peer::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  const sockaddr unspecified{AF_UNSPEC, {}};
  ::connect(socket_, &unspecified, sizeof unspecified);  // disconnects: with no linger that is a reset
  open_ = false;
}

void Peer::shut_down() const { ::shutdown(socket_, SHUT_RDWR); }

FaultServer::FaultServer(Script script, std::optional<ServerTls> tls) : script_(std::move(script)), tls_(std::move(tls)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's socket writes raise it
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0) {
    throw std::runtime_error("the fault server cannot listen");
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept(); });
}

FaultServer::~FaultServer() {
  {
    std::lock_guard hold(mutex_);
    closing_ = true;
    for (const Peer* peer : peers_) peer->shut_down();
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  threads_.clear();  // joins
  ::close(listener_);
}

std::string FaultServer::url(const std::string& path, const std::string& host) const {
  return fmt::format("{}://{}:{}{}", tls_ ? "https" : "http", host, port_, path);
}

void FaultServer::accept() {
  for (int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); socket >= 0;
       socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) {
    threads_.emplace_back([this, socket, number = connections_++] { serve(socket, number); });
  }
}

void FaultServer::serve(int socket, int number) {
  Peer peer(socket, tls_);
  {
    std::lock_guard hold(mutex_);
    if (closing_) return;
    peers_.push_back(&peer);
  }
  script_(peer, number);
  std::lock_guard hold(mutex_);
  std::erase(peers_, &peer);
}

std::string answer(int status, const std::string& body, const std::string& headers) {
  return fmt::format("HTTP/1.1 {} Said\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}", status, headers,
                     body.size(), body);
}

std::string chunked_head(int status) {
  return fmt::format("HTTP/1.1 {} Said\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", status);
}

std::string chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

FaultServer::Script always(std::string text) {
  return [text = std::move(text)](Peer& peer, int) {
    while (!peer.read_request().empty()) peer.write(text);
  };
}

}  // namespace wire::test
