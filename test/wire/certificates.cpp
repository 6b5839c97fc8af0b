#include "wire/certificates.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace wire::test {
namespace {

template <class T, auto Free>
struct Freed {
  void operator()(T* value) const { Free(value); }
};
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Pem pem_of(X509* certificate, EVP_PKEY* key) {
  const Bio certificate_text{BIO_new(BIO_s_mem())};
  const Bio key_text{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(certificate_text.get(), certificate);
  PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(certificate_text), text_of(key_text)};
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  if (!extension) throw std::runtime_error("bad certificate extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate unsigned_certificate(const std::string& common_name, EVP_PKEY* key, long valid_seconds) {
  Certificate made{X509_new()};
  X509_set_version(made.get(), X509_VERSION_3);
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), valid_seconds < 0 ? 2 * valid_seconds : -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), valid_seconds);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_pubkey(made.get(), key);
  return made;
}

}  // namespace

Authority::Authority(const std::string& name) {
  const Key key{EVP_EC_gen("P-256")};
  const auto made = unsigned_certificate(name, key.get(), 7200);
  X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
  extend(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(made.get(), key.get(), EVP_sha256());
  own_ = pem_of(made.get(), key.get());
}

Pem Authority::sign(const Wish& wish) const {
  const Bio issuer_text{BIO_new_mem_buf(own_.certificate.data(), -1)};
  const Bio issuer_key_text{BIO_new_mem_buf(own_.key.data(), -1)};
  const Certificate issuer{PEM_read_bio_X509(issuer_text.get(), nullptr, nullptr, nullptr)};
  const Key issuer_key{PEM_read_bio_PrivateKey(issuer_key_text.get(), nullptr, nullptr, nullptr)};
  const Key key{EVP_EC_gen("P-256")};
  const auto made = unsigned_certificate(wish.common_name, key.get(), wish.valid_seconds);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get()));
  std::string names;
  for (const auto& name : wish.names) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) extend(made.get(), issuer.get(), NID_subject_alt_name, names);
  X509_sign(made.get(), issuer_key.get(), EVP_sha256());
  return pem_of(made.get(), key.get());
}

Pem here(const Authority& authority) { return authority.sign({"here", {"DNS:localhost", "IP:127.0.0.1"}}); }

}  // namespace wire::test
