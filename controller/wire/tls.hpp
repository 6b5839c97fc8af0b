// A TlsIdentity made ready for OpenSSL once, and put into every new connection's context.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "base/guarded.hpp"
#include "wire/http.hpp"

namespace wire {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};
using StorePtr = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using CertificatePtr = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

// The reason why a peer was not trusted, for the error message. Written by the transport's thread.
using TlsNote = base::Guarded<std::string>;

class TlsMaterial {
 public:
  // Fault::Invalid: not PEM, or a certificate and a key that do not belong together.
  [[nodiscard]] static Result<std::shared_ptr<const TlsMaterial>> parse(const TlsIdentity& identity);

  // Trust exactly our CA, ask for TLS 1.2 or newer, check `host` (a name or an IPv4 address) against the certificate's
  // alternative names, and present our own certificate. `note` must outlive the context.
  void apply(SSL_CTX* context, const std::string& host, TlsNote* note) const;

 private:
  StorePtr trusted_;
  std::vector<CertificatePtr> chain_;  // our own certificate first
  KeyPtr key_;
};

}  // namespace wire
