// Whom the client trusts, and as whom it comes.
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/guarded.hpp"
#include "fake/temp_path.hpp"
#include "wire/support.hpp"

namespace wire::test {
namespace {

Result<Response> fetch(const std::string& url, const TlsIdentity& identity) {
  return http_client(identity)->send(request("GET", url), {});
}

FaultServer server_with(const Pem& identity) { return FaultServer(always(answer(200, "{}")), ServerTls{identity}); }

TEST(Tls, TrustsItsAuthorityByNameAndByAddress) {
  const Authority authority("ca");
  const FaultServer server = server_with(here(authority));
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto got = fetch(server.url("/", host), {authority.pem(), {}, {}});
    EXPECT_TRUE(got) << host << ": " << got.error().what;
  }
}

TEST(Tls, KeepsOneConnection) {
  const Authority authority("ca");
  const FaultServer server = server_with(here(authority));
  const auto http = http_client({authority.pem(), {}, {}});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(http->send(request("PATCH", server.url(), "[]"), {}));
  EXPECT_EQ(server.connections(), 1);
}

TEST(Tls, RefusesAnotherAuthority) {
  const Authority authority("ca");
  const Authority other("ca");  // the same name, another key
  const FaultServer server = server_with(here(other));
  EXPECT_THAT(fetch(server.url(), {authority.pem(), {}, {}}), FailsWith(Fault::Unavailable, "TLS handshake failed"));
  EXPECT_THAT(fetch(server.url(), {}), FailsWith(Fault::Unavailable, "unable to get local issuer certificate"));
}

TEST(Tls, RefusesACertificateForAnotherHost) {
  const Authority authority("ca");
  const FaultServer server = server_with(authority.sign({"other", {"DNS:other.example", "IP:127.0.0.2"}}));
  EXPECT_THAT(fetch(server.url("/", "localhost"), {authority.pem(), {}, {}}),
              FailsWith(Fault::Unavailable, "hostname mismatch"));
  EXPECT_THAT(fetch(server.url("/", "127.0.0.1"), {authority.pem(), {}, {}}),
              FailsWith(Fault::Unavailable, "IP address mismatch"));
}

TEST(Tls, TakesNoHostFromTheCommonName) {
  const Authority authority("ca");
  const FaultServer server = server_with(authority.sign({"localhost", {}}));
  EXPECT_THAT(fetch(server.url("/", "localhost"), {authority.pem(), {}, {}}), Fails(Fault::Unavailable));
}

TEST(Tls, RefusesAnExpiredCertificate) {
  const Authority authority("ca");
  const FaultServer server = server_with(authority.sign({"here", {"IP:127.0.0.1"}, -60}));
  EXPECT_THAT(fetch(server.url(), {authority.pem(), {}, {}}), FailsWith(Fault::Unavailable, "expired"));
}

TEST(Tls, RefusesOldProtocols) {
  const Authority authority("ca");
  const FaultServer server(always(answer(200, "{}")), ServerTls{here(authority), true});
  EXPECT_THAT(fetch(server.url(), {authority.pem(), {}, {}}), FailsWith(Fault::Unavailable, "TLS"));
}

// cpprest loads the system's bundle into every new context.
TEST(Tls, TrustsNothingOfTheSystemsBundle) {
  const Authority authority("ca");
  const Authority of_the_system("public");
  const auto path = fake::temp_path("public-ca.pem");
  std::ofstream(path) << of_the_system.pem();
  const FaultServer server = server_with(here(of_the_system));
  const auto http = http_client({authority.pem(), {}, {}});
  ASSERT_EQ(::setenv("SSL_CERT_FILE", path.c_str(), 1), 0);
  EXPECT_THAT(http->send(request("GET", server.url()), {}), Fails(Fault::Unavailable));
  ASSERT_EQ(::setenv("SSL_CERT_FILE", "/dev/null", 1), 0);
  std::remove(path.c_str());
}

// An Http whose identity is changed under way, as by a rotation of the files.
class Rotation : public testing::Test {
 protected:
  void set(TlsIdentity now) {
    identity_.with([&](TlsIdentity& identity) { identity = std::move(now); });
  }
  std::unique_ptr<Http> client() {
    return std::move(
        make_cpprest_http([this] { return identity_.with([](const TlsIdentity& identity) { return identity; }); }).value());
  }

  base::Guarded<TlsIdentity> identity_;
};

TEST_F(Rotation, NewAuthorityIsTrustedAndTheOldOneNoLonger) {
  const Authority old_one("old");
  const Authority new_one("new");
  const FaultServer before = server_with(here(old_one));
  const FaultServer after = server_with(here(new_one));
  set({old_one.pem(), {}, {}});
  const auto http = client();
  EXPECT_TRUE(http->send(request("GET", before.url()), {}));
  EXPECT_THAT(http->send(request("GET", after.url()), {}), Fails(Fault::Unavailable));
  set({old_one.pem() + new_one.pem(), {}, {}});
  EXPECT_TRUE(http->send(request("GET", before.url()), {}));
  EXPECT_TRUE(http->send(request("GET", after.url()), {}));
  set({new_one.pem(), {}, {}});
  EXPECT_THAT(http->send(request("GET", before.url()), {}), Fails(Fault::Unavailable));
  EXPECT_TRUE(http->send(request("GET", after.url()), {}));
}

TEST_F(Rotation, NewClientCertificateIsShownAndABrokenOneIsNot) {
  const Authority authority("ca");
  Record clients;
  const FaultServer server(
      [&](Peer& peer, int) {
        while (!peer.read_request().empty()) {
          clients.add(peer.client());
          peer.write(answer(200, "{}"));
        }
      },
      ServerTls{here(authority)});
  const auto first = authority.sign({"first", {}});
  const auto second = authority.sign({"second", {}});
  set({authority.pem(), first.certificate, first.key});
  const auto http = client();
  ASSERT_TRUE(http->send(request("GET", server.url()), {}));
  set({authority.pem(), second.certificate, first.key});  // between the renaming of two files
  ASSERT_TRUE(http->send(request("GET", server.url()), {}));
  set({"not PEM", second.certificate, second.key});
  ASSERT_TRUE(http->send(request("GET", server.url()), {}));
  set({authority.pem(), second.certificate, second.key});
  ASSERT_TRUE(http->send(request("GET", server.url()), {}));
  EXPECT_THAT(clients.all(), testing::ElementsAre("first", "first", "first", "second"));
}

TEST(Tls, RefusesAnIdentityThatCannotBeUsedFromTheStart) {
  const Authority authority("ca");
  const auto one = authority.sign({"one", {}});
  const auto other = authority.sign({"other", {}});
  const auto made = [](TlsIdentity identity) { return make_cpprest_http([identity] { return identity; }); };
  EXPECT_THAT(made({"not PEM", {}, {}}), FailsWith(Fault::Invalid, "CA"));
  EXPECT_THAT(made({authority.pem(), "not PEM", one.key}), FailsWith(Fault::Invalid, "client certificate"));
  EXPECT_THAT(made({authority.pem(), one.certificate, "not PEM"}), FailsWith(Fault::Invalid, "client key"));
  EXPECT_THAT(made({authority.pem(), one.certificate, other.key}), FailsWith(Fault::Invalid, "does not belong"));
}

TEST(LeavingTheProcess, EndsWithItsCodeWhileConnectionsAreOpen) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        prepare_process();
        const Authority authority("ca");
        const FaultServer server = server_with(here(authority));
        const auto http = http_client({authority.pem(), {}, {}});
        if (!http->send(request("GET", server.url()), {})) leave_process(1);
        leave_process(7);
      },
      testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace wire::test
