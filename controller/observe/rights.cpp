#include "observe/rights.hpp"

#include "api/fields.hpp"

namespace observe {

using nlohmann::json;

base::Result<bool> is_allowed(wire::Api& api, const std::string& ns, const decide::Right& right) {
  const json attributes{{"namespace", ns},
                        {"verb", right.verb},
                        {"group", right.group},
                        {"resource", right.resource},
                        {"subresource", right.subresource}};
  const json review{{"apiVersion", "authorization.k8s.io/v1"},
                    {"kind", wire::kAccessReviews.name},
                    {"spec", {{"resourceAttributes", attributes}}}};
  const auto answer = api.create({wire::kAccessReviews, ""}, review.dump());
  if (!answer) return tl::unexpected(answer.error());
  static const api::Keep wanted = api::keep({"status.allowed"});
  const auto read = api::project(*answer, wanted);
  if (!read) return tl::unexpected(read.error());
  return api::fields::truth(api::fields::field(*read, "status"), "allowed");
}

}  // namespace observe
