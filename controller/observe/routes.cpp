#include "observe/routes.hpp"

#include <fmt/format.h>

namespace observe {
namespace {

using base::Fault;
using base::Result;

Result<api::Strings> read_selector(wire::Api& api, const std::string& ns, const std::string& service) {
  const auto text = api.get({wire::kServices, ns, service, "", {}});
  if (!text) return tl::unexpected(text.error());
  return api::parse_selector(*text);
}

Result<api::Route> read_route(wire::Api& api, const std::string& ns, const api::RouteRef& ref, const api::CanaryPair& pair) {
  const auto* router = api::find_router(ref);
  if (!router) return base::fail(Fault::Invalid, fmt::format("{} {}: not a kind of route that is known", ref.group, ref.kind));
  const auto text = api.get({{router->group, router->version, router->plural, router->kind}, ns, ref.name, "", {}});
  if (!text) return tl::unexpected(text.error());
  return api::parse_route(*text, *router, pair, ns);
}

}  // namespace

decide::Traffic read_traffic(wire::Api& api, const std::string& ns, const api::CanaryPair& pair, base::Instant now) {
  decide::Traffic out;
  out.taken = now;
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

}  // namespace observe
