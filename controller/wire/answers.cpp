#include "wire/answers.hpp"

#include <algorithm>
#include <charconv>
#include <regex>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wire {
namespace {

using base::Fault;
using Json = nlohmann::json;

constexpr std::size_t kLongestStatus = 256u << 10;
constexpr std::size_t kLongestMessage = 600;
constexpr base::Seconds kLongestWait{60};

// The body as a metav1.Status; null if it is something else.
Json status_of(const Response& answer) {
  if (answer.body.size() > kLongestStatus) return nullptr;
  Json status = Json::parse(answer.body, nullptr, false);
  return status.is_object() ? status : Json(nullptr);
}

std::string message_of(const Json& status) {
  const auto found = status.is_object() ? status.find("message") : status.end();
  if (!status.is_object() || found == status.end() || !found->is_string()) return {};
  auto text = found->get<std::string>();
  if (text.size() > kLongestMessage) text = text.substr(0, kLongestMessage) + " ...";
  return text;
}

bool has_causes(const Json& status) {
  if (!status.is_object()) return false;
  const auto causes = status.value("/details/causes"_json_pointer, Json());
  return causes.is_array() && !causes.empty();
}

// A 404 that names an object is about that object; any other one is about its kind.
bool names_an_object(const Json& status) {
  return status.is_object() && status.value("/details/name"_json_pointer, Json()).is_string();
}

// RBAC and admission answer 403 alike; only the words differ.
bool is_missing_right(const std::string& message) {
  static const std::regex words(R"(cannot [a-z]+ (resource|path) )");
  return std::regex_search(message, words);
}

Fault fault_of(int status, const std::string& message) {
  switch (status) {
    case 401:
      return Fault::Forbidden;
    case 403:
      return is_missing_right(message) ? Fault::Forbidden : Fault::Invalid;
    case 404:
      return Fault::NotFound;
    case 409:
      return Fault::Conflict;
    case 410:
      return Fault::Expired;
    case 429:
      return Fault::Throttled;
    default:
      return status >= 400 && status < 500 ? Fault::Invalid : Fault::Unavailable;
  }
}

bool holds(const Json& test, const Json& object) {
  try {
    const Json::json_pointer path(test.at("path").get<std::string>());
    return object.contains(path) ? object.at(path) == test.at("value") : test.at("value").is_null();  // as the server
  } catch (const Json::exception&) {
    return true;  // a test that is not well-formed: the server's complaint is not about the object
  }
}

}  // namespace

base::Error error_of(const Response& answer, std::string_view doing) {
  const auto status = status_of(answer);
  const auto message = message_of(status);
  auto text = fmt::format("{}: {}", doing, answer.status);
  if (!message.empty()) text += " " + message;
  if (answer.status == 404 && !names_an_object(status)) text += " (this kind is not served: is its CRD installed?)";
  if (const auto wait = asked_to_wait(answer)) text += fmt::format(" (Retry-After {} s)", wait->count() / 1000);
  if (answer.status >= 300 && answer.status < 400) text += " a redirect, which is not followed";
  return {fault_of(answer.status, message), std::move(text)};
}

bool is_bare_422(const Response& answer) { return answer.status == 422 && !has_causes(status_of(answer)); }

bool tests_hold(const std::string& operations, const std::string& object) {
  const auto patch = Json::parse(operations, nullptr, false);
  const auto found = Json::parse(object, nullptr, false);
  if (!patch.is_array() || !found.is_object()) return true;
  return std::all_of(patch.begin(), patch.end(), [&](const Json& operation) {
    return !operation.is_object() || operation.value("op", Json()) != "test" || holds(operation, found);
  });
}

std::optional<base::Millis> asked_to_wait(const Response& answer) {
  if (answer.status != 429 && answer.status != 503) return std::nullopt;
  const auto header = answer.headers.find("retry-after");
  int seconds = -1;
  if (header != answer.headers.end()) {
    const auto& text = header->second;
    if (std::from_chars(text.data(), text.data() + text.size(), seconds).ec != std::errc{}) seconds = -1;
  }
  if (seconds < 0) return answer.status == 429 ? std::optional<base::Millis>(1000) : std::nullopt;
  return std::min<base::Seconds>(kLongestWait, base::Seconds{seconds});
}

}  // namespace wire
