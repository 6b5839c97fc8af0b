// managedFields: who set which field last, as the server keeps it for writes that are not server-side apply.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"

namespace fake {

struct Writer {
  std::string manager;
  std::string operation = "Update";  // or Apply, which is only a name here: fields are taken without a conflict
};

// Gives `writer` the leaf fields in which `after` differs from `before` and takes them from all others. An entry left
// with nothing goes. `before` is null for a new object.
void record_owner(const nlohmann::json& before, nlohmann::json& after, const Writer& writer, const std::string& subresource,
                  base::Instant now);

}  // namespace fake
