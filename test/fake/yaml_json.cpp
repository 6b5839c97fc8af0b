#include "fake/yaml_json.hpp"

#include <stdexcept>

#include <yaml-cpp/yaml.h>

namespace fake {

using nlohmann::json;

namespace {

json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  const json number = json::parse(text, nullptr, false);
  return number.is_number() ? number : json(text);
}

json convert(const YAML::Node& node) {
  if (node.IsMap()) {
    json out = json::object();
    for (const auto& member : node) out[member.first.Scalar()] = convert(member.second);
    return out;
  }
  if (node.IsSequence()) {
    json out = json::array();
    for (const auto& item : node) out.push_back(convert(item));
    return out;
  }
  return node.IsScalar() ? scalar(node) : json();
}

}  // namespace

json json_of_yaml_file(const std::string& path) {
  try {
    return convert(YAML::LoadFile(path));
  } catch (const YAML::Exception& e) {
    throw std::runtime_error(path + ": " + e.what());
  }
}

}  // namespace fake
