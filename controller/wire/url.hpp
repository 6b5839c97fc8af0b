// Paths of the Kubernetes API. Every segment is checked and escaped, so no name can make a request leave its kind or namespace.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/api.hpp"

namespace wire {

// Fault::Invalid for a name that no object can have: empty, "." or "..", with "/", "%" or a control character, or longer
// than 253 bytes.
[[nodiscard]] Result<std::string> object_path(const Ref& ref);  // with the subresource; without the query
[[nodiscard]] Result<std::string> collection_path(const Collection& of);

// "?a=b&c=d", escaped; "" for none.
[[nodiscard]] std::string query_text(const Query& query);

// "GET deployments shop/web" and the like, for messages.
[[nodiscard]] std::string spoken(std::string_view verb, const Ref& ref);
[[nodiscard]] std::string spoken(std::string_view verb, const Collection& of);

}  // namespace wire
