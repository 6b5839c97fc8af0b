#include "record/event.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"
#include "record/texts.hpp"

namespace record {
namespace {

using nlohmann::json;

// Limits of the API server, in bytes.
constexpr std::size_t kNameBytes = 253;
constexpr std::size_t kNoteBytes = 1024;
constexpr std::size_t kInstanceBytes = 128;
constexpr std::size_t kDigest = 12;
constexpr const char* kAction = "GuardRelease";  // what the reporter does to both objects, whatever it has to say

std::string version_of(const wire::Kind& kind) {
  return kind.group.empty() ? std::string(kind.version) : fmt::format("{}/{}", kind.group, kind.version);
}

json reference(const Subject& to) {
  return {
      {"apiVersion", version_of(to.kind)}, {"kind", to.kind.name}, {"namespace", to.ns}, {"name", to.name}, {"uid", to.uid}};
}

std::string_view text_of(decide::EventType type) {
  switch (type) {
    case decide::EventType::Normal:
      return "Normal";
    case decide::EventType::Warning:
      return "Warning";
  }
  return {};
}

}  // namespace

std::string event_name(const decide::Event& event, const Subject& regarding) {
  const auto digest = base::digest(fmt::format("{}\n{}\n{}", regarding.kind.name, event.about, event.reason), kDigest);
  return cut_name(regarding.name, kNameBytes - kDigest - 1) + '.' + digest;
}

json event_object(const decide::Event& event, const Subject& regarding, const Subject* related, const std::string& instance,
                  base::Instant now) {
  json out{{"apiVersion", version_of(wire::kEvents)},
           {"kind", wire::kEvents.name},
           {"metadata", {{"namespace", regarding.ns}, {"name", event_name(event, regarding)}}},
           {"eventTime", base::to_rfc3339_micro(now)},
           {"type", text_of(event.type)},
           {"reason", event.reason},
           {"action", kAction},
           {"note", cut(event.note, kNoteBytes)},
           {"reportingController", kReporter},
           {"reportingInstance", cut(instance, kInstanceBytes)},
           {"regarding", reference(regarding)}};
  if (related) out["related"] = reference(*related);
  return out;
}

}  // namespace record
