#include "observe/evidence.hpp"

#include <nlohmann/json.hpp>

#include "base/log.hpp"

namespace observe {
namespace {

constexpr std::string_view kLines = "20";
constexpr std::string_view kMostRead = "65536";  // the server cuts the end off, we the beginning: so ask for more than is kept
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string valid_utf8(const std::string& text) {
  using nlohmann::json;
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

// What would move the cursor or colour the screen of whoever reads the status.
bool is_control(char at) { return (static_cast<unsigned char>(at) < 0x20 && at != '\n' && at != '\t') || at == 0x7F; }

std::string plain(const std::string& text) {
  std::string out;
  for (const char at : valid_utf8(text)) {
    if (at == '\r') continue;
    if (is_control(at)) {
      out += kReplacement;
    } else {
      out += at;
    }
  }
  return out;
}

// What a kubelet answers, with 200, for an instance whose log is gone: it is no line of the container.
bool is_excuse(std::string_view text) {
  return text.starts_with("unable to retrieve container logs for ") ||
         text.starts_with("failed to try resolving symlinks in path ");
}

bool begins_character(char at) { return (static_cast<unsigned char>(at) & 0xC0) != 0x80; }

// The end of the text: whole lines, or of one long line as much as fits.
std::string end_of(std::string text, size_t most) {
  if (text.size() <= most) return text;
  size_t begin = text.size() - most;
  const size_t line = text.find('\n', begin - 1);
  if (line != std::string::npos && line + 1 < text.size()) return text.substr(line + 1);
  while (begin < text.size() && !begins_character(text[begin])) ++begin;
  return text.substr(begin);
}

std::string log_of(wire::Api& api, const std::string& ns, const api::PodEvidence& pod, std::string_view previous) {
  const auto text = api.get({wire::kPods,
                             ns,
                             pod.pod,
                             "log",
                             {{"container", pod.container},
                              {"previous", std::string(previous)},
                              {"tailLines", std::string(kLines)},
                              {"limitBytes", std::string(kMostRead)}}});
  if (text) return is_excuse(*text) ? "" : plain(*text);
  const auto fault = text.error().fault;
  const bool has_none = fault == base::Fault::NotFound || fault == base::Fault::Invalid;  // no such pod, or no such instance
  if (!has_none) base::log::warn("log not read", {{"namespace", ns}, {"pod", pod.pod}, {"error", text.error().what}});
  return "";
}

}  // namespace

std::vector<api::PodEvidence> fetch_evidence(wire::Api& api, const std::string& ns, std::vector<api::PodEvidence> pods,
                                             EvidenceLines lines) {
  if (pods.size() > kMostEvidencePods) pods.resize(kMostEvidencePods);
  if (lines == EvidenceLines::StatusOnly) return pods;
  size_t bytes_left = kMostEvidenceBytes;
  size_t texts_left = pods.size() * 2;
  const auto take = [&](std::string& into, const api::PodEvidence& pod, std::string_view previous) {
    into = end_of(log_of(api, ns, pod, previous), bytes_left / texts_left--);
    bytes_left -= into.size();
  };
  for (auto& pod : pods) {
    take(pod.previous, pod, "true");
    take(pod.current, pod, "false");
  }
  return pods;
}

}  // namespace observe
