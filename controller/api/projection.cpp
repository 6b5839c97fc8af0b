#include "api/projection.hpp"

#include <fmt/format.h>

namespace api {
namespace {

using base::Fault;
using nlohmann::json;

constexpr size_t kMaxDepth = 64;

// Builds what `wanted` names. Skipped containers are only counted, so the memory used is that of the result.
class Projector final : public json::json_sax_t {
 public:
  explicit Projector(const Keep& wanted) : wanted_(wanted) {}

  bool null() override { return scalar(nullptr); }
  bool boolean(bool value) override { return scalar(value); }
  bool number_integer(number_integer_t value) override { return scalar(value); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(value); }
  bool number_float(number_float_t value, const string_t&) override { return scalar(value); }
  bool string(string_t& value) override { return scalar(std::move(value)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(size_t) override { return enter(json::value_t::object); }
  bool start_array(size_t) override { return enter(json::value_t::array); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool key(string_t& name) override {
    if (skipping_ > 0) return true;
    const Keep* keep = open_.back().keep;
    if (is_leaf(*keep)) {
      key_keep_ = keep;
    } else {
      const auto found = keep->keys.find(name);
      key_keep_ = found == keep->keys.end() ? nullptr : &found->second;
    }
    if (key_keep_ != nullptr) key_ = std::move(name);
    return true;
  }

  bool parse_error(size_t position, const std::string&, const json::exception&) override {
    error_ = fmt::format("malformed JSON at byte {}", position);
    return false;
  }

  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] json take() { return std::move(root_); }

 private:
  struct Open {
    const Keep* keep;
    json* node;
  };

  static bool is_leaf(const Keep& keep) { return keep.keys.empty(); }

  // The Keep that the value about to be read falls under; nullptr if it is not wanted.
  [[nodiscard]] const Keep* next_keep() const {
    if (open_.empty()) return &wanted_;
    return open_.back().node->is_array() ? open_.back().keep : key_keep_;
  }

  json& place(json value) {
    if (open_.empty()) return root_ = std::move(value);
    json& into = *open_.back().node;
    if (into.is_array()) return into.emplace_back(std::move(value));
    return into[std::move(key_)] = std::move(value);
  }

  template <class T>
  bool scalar(T&& value) {
    if (skipping_ > 0) return true;
    const Keep* keep = next_keep();
    if (keep != nullptr && is_leaf(*keep)) place(std::forward<T>(value));
    return true;
  }

  bool enter(json::value_t type) {
    if (++depth_ > kMaxDepth) {
      error_ = fmt::format("nested deeper than {} levels", kMaxDepth);
      return false;
    }
    const Keep* keep = skipping_ > 0 ? nullptr : next_keep();
    if (keep == nullptr) {
      ++skipping_;
    } else {
      open_.push_back({keep, &place(json(type))});
    }
    return true;
  }

  bool leave() {
    --depth_;
    if (skipping_ > 0) {
      --skipping_;
    } else {
      open_.pop_back();
    }
    return true;
  }

  const Keep& wanted_;
  json root_;
  std::vector<Open> open_;  // nodes on the way down: none moves while one below it is open
  std::string key_;
  const Keep* key_keep_ = nullptr;
  size_t depth_ = 0;
  size_t skipping_ = 0;  // containers open below the outermost unwanted one, itself included
  std::string error_;
};

void add(Keep& root, std::string_view path) {
  Keep* at = &root;
  while (true) {
    const size_t dot = path.find('.');
    const auto [entry, fresh] = at->keys.try_emplace(std::string(path.substr(0, dot)));
    at = &entry->second;
    if (!fresh && at->keys.empty()) return;  // a shorter path keeps all of it already
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  at->keys.clear();
}

}  // namespace

Keep keep(std::initializer_list<std::string_view> paths) {
  Keep root;
  for (const std::string_view path : paths) add(root, path);
  return root;
}

base::Result<json> project(std::string_view text, const Keep& wanted) {
  Projector sink(wanted);
  if (!json::sax_parse(text, &sink)) return base::fail(Fault::Invalid, sink.error());
  json kept = sink.take();
  if (!kept.is_object()) return base::fail(Fault::Invalid, "not a JSON object");
  return kept;
}

}  // namespace api
