#include "wire/credentials.hpp"

#include <filesystem>
#include <fstream>

#include "fake/temp_path.hpp"
#include "support.hpp"

namespace wire::unit {
namespace {

class Files : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = fake::temp_path("credentials");
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  void remove(const std::string& name) const { std::filesystem::remove(path(name)); }

  std::filesystem::path directory_;
  fake::ManualClock clock_;
};

using RotatingFileTest = Files;

TEST_F(RotatingFileTest, IsReadAgainAfterAMinute) {
  const auto file = RotatingFile::open(write("token", "one\n"), clock_).value();
  write("token", "two\r\n");
  clock_.advance(59s);
  EXPECT_EQ(file->text(), "one");
  clock_.advance(1s);
  EXPECT_EQ(file->text(), "two");
}

TEST_F(RotatingFileTest, IsReadAgainAtOnceWhenItWasRefused) {
  const auto file = RotatingFile::open(write("token", "one"), clock_).value();
  write("token", "two");
  file->refused();
  EXPECT_EQ(file->text(), "two");
  write("token", "three");
  EXPECT_EQ(file->text(), "two");
}

TEST_F(RotatingFileTest, KeepsTheLastGoodTextWhileTheFileIsMissingOrEmpty) {
  const auto file = RotatingFile::open(write("token", "one"), clock_).value();
  remove("token");
  file->refused();
  EXPECT_EQ(file->text(), "one");
  write("token", "\n");
  file->refused();
  EXPECT_EQ(file->text(), "one");
  write("token", "two");
  clock_.advance(RotatingFile::kMaxAge);
  EXPECT_EQ(file->text(), "two");
}

TEST_F(RotatingFileTest, MustBeThereAtFirst) {
  EXPECT_THAT(RotatingFile::open(path("none"), clock_), FailsWith(Fault::Invalid, path("none")));
  EXPECT_THAT(RotatingFile::open(write("empty", " \n"), clock_), FailsWith(Fault::Invalid, "empty"));
  EXPECT_THAT(RotatingFile::open(write("big", std::string((1 << 20) + 1, 'x')), clock_), FailsWith(Fault::Invalid, "1 MiB"));
}

class InClusterTest : public Files {
 protected:
  Result<Endpoint> endpoint(const std::string& host, const std::string& port) {
    return endpoint_in_cluster({host, port, directory_.string()}, clock_);
  }
};

TEST_F(InClusterTest, ReadsTheMount) {
  write("token", "t1\n");
  write("ca.crt", "CA1\n");
  write("namespace", "rollback-system");
  const auto got = endpoint("10.96.0.1", "443");
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->server, "https://10.96.0.1:443");
  EXPECT_EQ(got->default_namespace, "rollback-system");
  EXPECT_EQ(got->token(), "t1");
  EXPECT_EQ(got->identity(), (TlsIdentity{"CA1", "", ""}));
  write("token", "t2\n");
  write("ca.crt", "CA2\n");
  EXPECT_EQ(got->token(), "t1");
  got->reload();
  EXPECT_EQ(got->token(), "t2");
  EXPECT_EQ(got->identity().ca_pem, "CA2");
}

TEST_F(InClusterTest, GoesByNameWhereTheServiceHasAnIpv6Address) {
  write("token", "t");
  write("ca.crt", "CA");
  write("namespace", "n");
  EXPECT_EQ(endpoint("fd00::1", "443").value().server, "https://kubernetes.default.svc:443");
}

TEST_F(InClusterTest, SaysWhatIsMissing) {
  EXPECT_THAT(endpoint("", "443"), FailsWith(Fault::Invalid, "kubeconfig"));
  EXPECT_THAT(endpoint("10.96.0.1", "443"), FailsWith(Fault::Invalid, path("token")));
  write("token", "t");
  EXPECT_THAT(endpoint("10.96.0.1", "443"), FailsWith(Fault::Invalid, path("ca.crt")));
  write("ca.crt", "CA");
  EXPECT_THAT(endpoint("10.96.0.1", "443"), FailsWith(Fault::Invalid, path("namespace")));
}

constexpr const char* kConfig = R"(
apiVersion: v1
kind: Config
current-context: dev
contexts:
- {name: dev, context: {cluster: c, user: certificate, namespace: shop}}
- {name: token, context: {cluster: c, user: token}}
- {name: file, context: {cluster: files, user: file}}
- {name: nobody, context: {cluster: c, user: missing}}
clusters:
- {name: c, cluster: {server: "https://127.0.0.1:6443/", certificate-authority-data: Q0E=}}
- {name: files, cluster: {server: "https://api.example:6443", certificate-authority: ca.crt}}
users:
- {name: certificate, user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}}
- {name: token, user: {token: abc}}
- {name: file, user: {tokenFile: token, token: not this}}
)";

class KubeconfigTest : public Files {
 protected:
  Result<Endpoint> endpoint(const std::string& context = "") {
    return endpoint_from_kubeconfig(path("config"), context, clock_);
  }
  // The error for kConfig with `from` replaced by `to`.
  std::string refusal(const std::string& from, const std::string& to) {
    std::string text = kConfig;
    text.replace(text.find(from), from.size(), to);
    write("config", text);
    const auto got = endpoint();
    EXPECT_THAT(got, FailsWith(Fault::Invalid, path("config")));
    return got ? "" : got.error().what;
  }
};

TEST_F(KubeconfigTest, TakesTheCurrentContextWithACertificate) {
  write("config", kConfig);
  const auto got = endpoint();
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->server, "https://127.0.0.1:6443");
  EXPECT_EQ(got->identity(), (TlsIdentity{"CA", "CERT", "KEY"}));
  EXPECT_EQ(got->token(), "");
  EXPECT_EQ(got->default_namespace, "shop");
}

TEST_F(KubeconfigTest, TakesTheContextThatIsNamed) {
  write("config", kConfig);
  const auto got = endpoint("token");
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->token(), "abc");
  EXPECT_EQ(got->default_namespace, "default");
  EXPECT_THAT(endpoint("other"), FailsWith(Fault::Invalid, "no context named 'other'"));
  EXPECT_THAT(endpoint("nobody"), FailsWith(Fault::Invalid, "no user named 'missing'"));
}

TEST_F(KubeconfigTest, ReadsFilesBesideItAndReadsThemAgain) {
  write("config", kConfig);
  write("ca.crt", "CA1");
  EXPECT_THAT(endpoint("file"), FailsWith(Fault::Invalid, path("token")));
  write("token", "t1\n");
  const auto got = endpoint("file");
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->token(), "t1");
  write("token", "t2\n");
  write("ca.crt", "CA2");
  got->reload();
  EXPECT_EQ(got->token(), "t2");
  EXPECT_EQ(got->identity().ca_pem, "CA2");
}

TEST_F(KubeconfigTest, RefusesWhatWouldChangeItsMeaning) {
  using testing::HasSubstr;
  const std::string user = "client-key-data: S0VZ";
  const std::string cluster = "certificate-authority-data: Q0E=";
  EXPECT_THAT(refusal(user, user + ", exec: {command: aws}"), HasSubstr("exec is refused: plugins are not run"));
  EXPECT_THAT(refusal(user, user + ", auth-provider: {name: gcp}"), HasSubstr("auth-provider"));
  EXPECT_THAT(refusal(user, user + ", username: u, password: p"), HasSubstr("passwords"));
  EXPECT_THAT(refusal(user, user + ", as: admin"), HasSubstr("impersonation"));
  EXPECT_THAT(refusal(cluster, cluster + ", insecure-skip-tls-verify: true"), HasSubstr("insecure-skip-tls-verify"));
  EXPECT_THAT(refusal(cluster, cluster + ", proxy-url: \"http://p\""), HasSubstr("proxy-url"));
  EXPECT_THAT(refusal(cluster, cluster + ", tls-server-name: x"), HasSubstr("tls-server-name"));
  EXPECT_THAT(refusal("https://127.0.0.1:6443/", "http://127.0.0.1:8001"), HasSubstr("not https"));
  const auto with_password = refusal("https://127.0.0.1:6443/", "https://admin:secret@127.0.0.1:6443/");
  EXPECT_THAT(with_password, testing::AllOf(HasSubstr("has a user in it"), testing::Not(HasSubstr("secret"))));
  EXPECT_THAT(refusal(", " + cluster, ""), HasSubstr("no certificate-authority"));
  EXPECT_THAT(refusal(", " + user, ""), HasSubstr("given together"));
  EXPECT_THAT(refusal("S0VZ", "'%%%'"), HasSubstr("client-key-data is not base64"));
  EXPECT_THAT(refusal("current-context: dev", "current-context: ''"), HasSubstr("current-context"));
}

TEST_F(KubeconfigTest, RefusesWhatIsNoKubeconfig) {
  EXPECT_THAT(endpoint(), FailsWith(Fault::Invalid, "cannot be read"));
  for (const char* text :
       {"", "[]", "just words", "{", "current-context: dev\ncontexts: 5", "contexts: [5]\ncurrent-context: dev"}) {
    write("config", text);
    EXPECT_THAT(endpoint(), Fails(Fault::Invalid)) << text;
  }
  write("config", std::string((1 << 20) + 1, '#'));
  EXPECT_THAT(endpoint(), FailsWith(Fault::Invalid, "1 MiB"));
}

}  // namespace
}  // namespace wire::unit
