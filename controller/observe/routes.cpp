#include "observe/routes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace observe {
namespace {

using base::Fault;
using base::Result;

constexpr int kAll = 0;  // no pages: a Service of thousands of pods has dozens of slices, a namespace dozens of autoscalers

Result<api::Strings> read_selector(wire::Api& api, const std::string& ns, const std::string& service) {
  const auto text = api.get({wire::kServices, ns, service, "", {}});
  if (!text) return tl::unexpected(text.error());
  auto read = api::parse_service(*text);
  if (!read) return tl::unexpected(read.error());
  return std::move(read->selector);
}

Result<api::Route> read_route(wire::Api& api, const std::string& ns, const api::RouteRef& ref, const api::CanaryPair& pair) {
  const auto* router = api::find_router(ref);
  if (!router) return base::fail(Fault::Invalid, fmt::format("{} {}: not a kind of route that is known", ref.group, ref.kind));
  const auto text = api.get({{router->group, router->version, router->plural, router->kind}, ns, ref.name, "", {}});
  if (!text) return tl::unexpected(text.error());
  return api::parse_route(*text, *router, pair, ns);
}

decide::Traffic read_pair(wire::Api& api, const std::string& ns, const api::CanaryPair& pair) {
  decide::Traffic out;
  const auto selector = [&](const std::string& service, api::Strings& into) {
    const auto read = read_selector(api, ns, service);
    if (read)
      into = *read;
    else if (!out.service_problem)
      out.service_problem = read.error();
  };
  selector(pair.stable_service, out.stable_selector);
  selector(pair.canary_service, out.canary_selector);
  for (const auto& ref : pair.routes) {
    auto route = read_route(api, ns, ref, pair);
    out.routes.push_back(route ? decide::RouteReading{ref, {}, std::move(*route)}
                               : decide::RouteReading{ref, route.error(), {}});
  }
  return out;
}

decide::Traffic read_pair(wire::Api& api, const std::string& ns, const api::BlueGreenPair& pair) {
  decide::Traffic out;
  const auto slices = api.list({wire::kEndpointSlices, ns, "kubernetes.io/service-name=" + pair.service}, kAll, "");
  auto ready = slices ? api::parse_endpoints(*slices) : tl::unexpected(slices.error());
  if (ready)
    out.endpoints = std::move(*ready);
  else
    out.endpoints_problem = ready.error();
  std::sort(out.endpoints.begin(), out.endpoints.end());
  return out;
}

}  // namespace

decide::Traffic read_traffic(wire::Api& api, const std::string& ns, const decide::TrafficWant& asked, base::Instant now) {
  auto out = std::visit([&](const auto& pair) { return read_pair(api, ns, pair); }, asked.of);
  out.taken = now;
  if (!asked.with_autoscalers) return out;
  const auto page = api.list({wire::kAutoscalers, ns}, kAll, "");
  auto autoscalers = page ? api::parse_autoscalers(*page) : tl::unexpected(page.error());
  if (autoscalers)
    out.autoscalers = std::move(*autoscalers);
  else
    out.autoscalers_problem = autoscalers.error();
  return out;
}

}  // namespace observe
