#include "run/check.hpp"

#include <charconv>
#include <memory>

#include <fmt/format.h>

#include "run/waiting.hpp"
#include "wire/api_client.hpp"
#include "wire/http.hpp"
#include "wire/json_text.hpp"

namespace run {
namespace {

using base::fail;
using base::Fault;
using base::Result;

constexpr base::Millis kEvery{1'000};
constexpr base::Millis kLongest{30'000};

int number_in(std::string_view object, std::string_view key) {
  int number = 0;
  const auto text = wire::member(object, key).value_or("");
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Check::Check(wire::Api& api, std::string ns, std::string deployment, std::string lease)
    : api_(api), ns_(std::move(ns)), deployment_(std::move(deployment)), lease_(std::move(lease)) {}

Result<void> Check::serves(const wire::Kind& kind) {
  const auto page = api_.list({kind, ns_}, 1, "");
  if (page) return {};
  if (page.error().fault != Fault::NotFound) return tl::unexpected(page.error());
  return fail(page.error().fault, fmt::format("{} are not served: install the CRDs (Helm value crds.enabled, or crds/): {}",
                                              kind.plural, page.error().what));
}

Result<int> Check::ready() {
  const auto text = api_.get({wire::kDeployments, ns_, deployment_, "", {}});
  if (!text) return tl::unexpected(text.error());
  const int count = number_in(wire::member(*text, "status").value_or(""), "readyReplicas");
  if (count > 0) return count;
  return fail(Fault::Unavailable,
              fmt::format("no pod of the Deployment {}/{} is ready: look at its pods and their logs", ns_, deployment_));
}

Result<std::string> Check::leader() {
  const auto text = api_.get({wire::kLeases, ns_, lease_, "", {}});
  if (!text) return tl::unexpected(text.error());
  const std::string holder(wire::plain_string(*text, {"spec", "holderIdentity"}));
  const std::string version(wire::plain_string(*text, {"metadata", "resourceVersion"}));
  if (first_renewal_.empty()) first_renewal_ = version;
  if (!holder.empty() && version != first_renewal_) return holder;
  return fail(Fault::Unavailable,
              fmt::format("nobody renews the Lease {}/{} (holder '{}'), so nobody leads: the controller's log says why", ns_,
                          lease_, holder));
}

Result<std::string> Check::look() {
  for (const auto& kind : {wire::kPolicies, wire::kRollbacks}) {
    if (const auto ok = serves(kind); !ok) return tl::unexpected(ok.error());
  }
  const auto pods = ready();
  if (!pods) return tl::unexpected(pods.error());
  const auto holder = leader();
  if (!holder) return tl::unexpected(holder.error());
  return fmt::format("at work: the CRDs are served, {} pod{} ready, {} leads", *pods, *pods == 1 ? " is" : "s are", *holder);
}

Result<std::string> check(const Flags& flags, const wire::Endpoint& where, const base::Clock& clock) {
  const auto http = wire::make_cpprest_http(where.identity);
  if (!http) return tl::unexpected(http.error());
  wire::ApiClient api(**http, where, clock, {RBC_VERSION, {}});
  Check one(api, flags.lease_namespace, flags.check, flags.lease_name);
  const auto deadline = clock.boot() + kLongest;
  auto found = one.look();
  while (!found && clock.boot() < deadline && wait_for(kEvery, {})) found = one.look();
  return found;
}

}  // namespace run
