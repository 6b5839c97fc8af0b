#include "wire/tls.hpp"

#include <cctype>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace wire {
namespace {

using BioPtr = std::unique_ptr<BIO, Freed<BIO_free_all>>;

BioPtr reader_of(const std::string& pem) { return BioPtr{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))}; }

std::vector<CertificatePtr> certificates(const std::string& pem) {
  std::vector<CertificatePtr> all;
  const auto bio = reader_of(pem);
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) all.emplace_back(one);
  ERR_clear_error();  // the end of the text is reported as an error
  return all;
}

// Refuses to ask for a passphrase on the terminal, which is what OpenSSL does without a callback.
int no_passphrase(char*, int, int, void*) { return -1; }

int verify(X509_STORE_CTX* context, void* note) {
  const int trusted = X509_verify_cert(context);
  if (trusted != 1) {
    const char* reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
    static_cast<TlsNote*>(note)->with([reason](std::string& text) { text = reason; });
  }
  return trusted;
}

bool is_ipv4(const std::string& host) { return host.find_first_not_of("0123456789.") == std::string::npos; }

}  // namespace

Result<std::shared_ptr<const TlsMaterial>> TlsMaterial::parse(const TlsIdentity& identity) {
  auto made = std::make_shared<TlsMaterial>();
  made->trusted_.reset(X509_STORE_new());
  const auto trusted = certificates(identity.ca_pem);
  if (trusted.empty() && !identity.ca_pem.empty()) {
    return base::fail(base::Fault::Invalid, "the CA bundle holds no PEM certificate");
  }
  for (const auto& certificate : trusted) X509_STORE_add_cert(made->trusted_.get(), certificate.get());
  if (identity.client_cert_pem.empty()) return made;

  made->chain_ = certificates(identity.client_cert_pem);
  if (made->chain_.empty()) return base::fail(base::Fault::Invalid, "the client certificate is not a PEM certificate");
  made->key_.reset(PEM_read_bio_PrivateKey(reader_of(identity.client_key_pem).get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!made->key_) return base::fail(base::Fault::Invalid, "the client key is not an unencrypted PEM private key");
  const bool fits = X509_check_private_key(made->chain_.front().get(), made->key_.get()) == 1;
  ERR_clear_error();
  if (!fits) return base::fail(base::Fault::Invalid, "the client key does not belong to the client certificate");
  return made;
}

void TlsMaterial::apply(SSL_CTX* context, const std::string& host, TlsNote* note) const {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  X509_STORE_up_ref(trusted_.get());
  SSL_CTX_set_cert_store(context, trusted_.get());
  SSL_CTX_set_cert_verify_callback(context, verify, note);
  X509_VERIFY_PARAM* param = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (is_ipv4(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size());
  }
  if (chain_.empty()) return;
  SSL_CTX_use_certificate(context, chain_.front().get());
  for (std::size_t i = 1; i < chain_.size(); ++i) SSL_CTX_add1_chain_cert(context, chain_[i].get());
  SSL_CTX_use_PrivateKey(context, key_.get());
}

}  // namespace wire
