// What the controller has to be allowed to do, looked at before it is needed: a rollback that is refused at three in the
// morning could have been told in the afternoon.
#pragma once

#include <string>
#include <vector>

#include "decide/decide.hpp"

namespace decide {

// To write a rollback of this policy, traffic included.
[[nodiscard]] std::vector<Right> rights_for(const api::PolicySpec& spec);

// Which of them are missing, as a sentence; "" if none is, as far as it is known. Until it was asked, what was told before
// holds.
[[nodiscard]] std::string forbidden(const Snapshot& world);

}  // namespace decide
