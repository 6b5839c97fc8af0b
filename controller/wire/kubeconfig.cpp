// endpoint_from_kubeconfig: what of a kubeconfig we understand, and a refusal for everything that would change its meaning.
#include <array>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <yaml-cpp/yaml.h>

#include "wire/credentials.hpp"

namespace wire {
namespace {

using base::Fault;

constexpr std::uintmax_t kLongestFile = 1u << 20;

// One secret or certificate: written in the kubeconfig, or in a file beside it.
using Source = std::function<std::string()>;
using Files = std::vector<std::shared_ptr<RotatingFile>>;

// Everything inside throws this or a YAML exception; caught in endpoint_from_kubeconfig.
struct Unusable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Refusal {
  const char* key;
  const char* instead;
};
constexpr std::array kRefusedOfClusters{
    Refusal{"insecure-skip-tls-verify", "give the cluster's certificate-authority"},
    Refusal{"proxy-url", "proxies are not supported"},
    Refusal{"tls-server-name", "use a server name that is in the certificate"},
};
constexpr std::array kRefusedOfUsers{
    Refusal{"exec", "plugins are not run, use a token file or a client certificate"},
    Refusal{"auth-provider", "plugins are not run, use a token file or a client certificate"},
    Refusal{"username", "passwords are not supported, use a token file or a client certificate"},
    Refusal{"password", "passwords are not supported, use a token file or a client certificate"},
    Refusal{"as", "impersonation is not supported, use the user's own credentials"},
    Refusal{"as-uid", "impersonation is not supported, use the user's own credentials"},
    Refusal{"as-groups", "impersonation is not supported, use the user's own credentials"},
    Refusal{"as-user-extra", "impersonation is not supported, use the user's own credentials"},
};

std::string decoded(const std::string& base64, const std::string& key) {
  std::string packed;
  for (const char c : base64) {
    if (c != '\n' && c != '\r' && c != ' ') packed += c;
  }
  std::string out(packed.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(packed.data()), static_cast<int>(packed.size()));
  if (size < 0 || packed.empty()) throw Unusable(key + " is not base64");
  const auto padding = packed.size() - (packed.find_last_not_of('=') + 1);
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

class Kubeconfig {
 public:
  Kubeconfig(const std::filesystem::path& path, const base::Clock& clock)
      : directory_(path.parent_path()), clock_(clock), root_(YAML::LoadFile(path.string())) {
    if (!root_.IsMap()) throw Unusable("it is not a kubeconfig");
  }

  Endpoint endpoint(const std::string& wanted) const;

 private:
  YAML::Node named(const char* list, const char* member, const std::string& name) const;
  Source source(const YAML::Node& of, const std::string& key, Files& files) const;
  Source file_source(const std::string& path, Files& files) const;
  static std::string text(const YAML::Node& of, const char* key);
  template <std::size_t N>
  static void refuse(const YAML::Node& of, const std::array<Refusal, N>& refusals);

  const std::filesystem::path directory_;
  const base::Clock& clock_;
  const YAML::Node root_;
};

std::string Kubeconfig::text(const YAML::Node& of, const char* key) {
  const YAML::Node found = of[key];
  return found && found.IsScalar() ? found.Scalar() : std::string();
}

template <std::size_t N>
void Kubeconfig::refuse(const YAML::Node& of, const std::array<Refusal, N>& refusals) {
  for (const auto& [key, instead] : refusals) {
    const YAML::Node found = of[key];
    if (!found || found.IsNull() || (found.IsScalar() && (found.Scalar() == "false" || found.Scalar().empty()))) continue;
    throw Unusable(fmt::format("{} is refused: {}", key, instead));
  }
}

YAML::Node Kubeconfig::named(const char* list, const char* member, const std::string& name) const {
  for (const auto& item : root_[list]) {
    const YAML::Node found = item[member];
    if (text(item, "name") == name && found && found.IsMap()) return found;
  }
  throw Unusable(fmt::format("{} has no {} named '{}'", list, member, name));
}

Source Kubeconfig::file_source(const std::string& path, Files& files) const {
  auto file = RotatingFile::open((directory_ / path).string(), clock_);  // an absolute path stays one
  if (!file) throw Unusable(file.error().what);
  files.push_back(*file);
  return [file = *file] { return file->text(); };
}

// `key`-data in the kubeconfig itself wins over the file that `key` names, as in kubectl.
Source Kubeconfig::source(const YAML::Node& of, const std::string& key, Files& files) const {
  const auto data_key = key + "-data";
  if (const auto data = text(of, data_key.c_str()); !data.empty()) return [pem = decoded(data, data_key)] { return pem; };
  if (const auto path = text(of, key.c_str()); !path.empty()) return file_source(path, files);
  return [] { return std::string(); };
}

Endpoint Kubeconfig::endpoint(const std::string& wanted) const {
  const auto name = wanted.empty() ? text(root_, "current-context") : wanted;
  if (name.empty()) throw Unusable("it has no current-context, name a context");
  const auto context = named("contexts", "context", name);
  const auto cluster = named("clusters", "cluster", text(context, "cluster"));
  const auto user = named("users", "user", text(context, "user"));
  refuse(cluster, kRefusedOfClusters);
  refuse(user, kRefusedOfUsers);

  Endpoint endpoint;
  endpoint.server = text(cluster, "server");
  if (endpoint.server.find('@') != std::string::npos)
    throw Unusable("the server's url has a user in it, which is refused: write credentials under users");
  if (!endpoint.server.starts_with("https://")) {
    throw Unusable(fmt::format("the server '{}' is not https: credentials are not sent in the clear", endpoint.server));
  }
  while (endpoint.server.ends_with('/')) endpoint.server.pop_back();
  Files files;
  const auto ca = source(cluster, "certificate-authority", files);
  const auto certificate = source(user, "client-certificate", files);
  const auto key = source(user, "client-key", files);
  if (ca().empty()) throw Unusable("the cluster has no certificate-authority: the system's CA bundle is never trusted");
  if (certificate().empty() != key().empty()) throw Unusable("client-certificate and client-key must be given together");
  endpoint.identity = [ca, certificate, key] { return TlsIdentity{ca(), certificate(), key()}; };
  if (const auto token_file = text(user, "tokenFile"); !token_file.empty()) {
    endpoint.token = file_source(token_file, files);
  } else {
    endpoint.token = [token = text(user, "token")] { return token; };
  }
  endpoint.reload = [files] {
    for (const auto& file : files) file->refused();
  };
  endpoint.default_namespace = text(context, "namespace");
  if (endpoint.default_namespace.empty()) endpoint.default_namespace = "default";
  return endpoint;
}

}  // namespace

Result<Endpoint> endpoint_from_kubeconfig(const std::string& path, const std::string& context, const base::Clock& clock) {
  const auto unusable = [&path](const std::string& why) {
    return base::fail(Fault::Invalid, "kubeconfig " + path + ": " + why);
  };
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  if (missing) return unusable("cannot be read (" + missing.message() + ")");
  if (size > kLongestFile) return unusable("is longer than 1 MiB");
  try {
    return Kubeconfig(path, clock).endpoint(context);
  } catch (const std::exception& e) {
    return unusable(e.what());
  }
}

}  // namespace wire
