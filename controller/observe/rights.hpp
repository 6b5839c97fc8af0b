// Whether the API server would let us: SelfSubjectAccessReview, which every authenticated user may ask.
#pragma once

#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace observe {

[[nodiscard]] base::Result<bool> is_allowed(wire::Api& api, const std::string& ns, const decide::Right& right);

}  // namespace observe
