#include "observe/packed_pod.hpp"

#include <charconv>
#include <concepts>
#include <optional>
#include <vector>

namespace observe {
namespace {

using api::Instant;

// The one list of what is kept, so that writing and reading cannot disagree. The uid is first: uid() reads nothing else.
template <class Archive, class Pod>
void fields(Archive& archive, Pod& pod) {
  archive(pod.meta.uid);
  archive(pod.meta.generation);
  archive(pod.meta.created);
  archive(pod.meta.deleted);
  archive(pod.phase);
  archive(pod.reason);
  archive(pod.node);
  archive(pod.ip);
  archive(pod.ready);
  archive(pod.ready_changed);
  archive(pod.disrupted);
  archive(pod.unschedulable);
  archive(pod.containers);
}
template <class Archive, class Container>
void container_fields(Archive& archive, Container& container) {
  archive(container.name);
  archive(container.kind);
  archive(container.restarts);
  archive(container.ready);
  archive(container.waiting);
  archive(container.ended);
  archive(container.last_ended);
}
template <class Archive, class Ended>
void ended_fields(Archive& archive, Ended& ended) {
  archive(ended.exit_code);
  archive(ended.reason);
  archive(ended.finished);
}

class Writer {
 public:
  template <std::integral T>
  void operator()(const T& value) {
    number(static_cast<std::int64_t>(value));
  }
  void operator()(const api::ContainerKind& kind) { number(static_cast<std::int64_t>(kind)); }
  void operator()(const std::string& text) {
    number(static_cast<std::int64_t>(text.size()));
    out_ += text;
  }
  void operator()(const Instant& at) { number(at.time_since_epoch().count()); }
  void operator()(const api::Ended& ended) { ended_fields(*this, ended); }
  void operator()(const api::Container& container) { container_fields(*this, container); }
  template <class T>
  void operator()(const std::optional<T>& value) {
    number(value ? 1 : 0);
    if (value) (*this)(*value);
  }
  template <class T>
  void operator()(const std::vector<T>& all) {
    number(static_cast<std::int64_t>(all.size()));
    for (const T& each : all) (*this)(each);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  // Seven bits a byte, the lowest first; the sign in the lowest bit, so that small negative numbers stay short.
  void number(std::int64_t value) {
    auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    for (; rest >= 0x80; rest >>= 7) out_ += static_cast<char>(rest | 0x80);
    out_ += static_cast<char>(rest);
  }

  std::string out_;
};

// Of what a Writer made, in this process: the bytes are never foreign.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <std::integral T>
  void operator()(T& value) {
    value = static_cast<T>(number());
  }
  void operator()(api::ContainerKind& kind) { kind = static_cast<api::ContainerKind>(number()); }
  void operator()(std::string& text) { text = view(); }
  void operator()(Instant& at) { at = Instant{base::Millis{number()}}; }
  void operator()(api::Ended& ended) { ended_fields(*this, ended); }
  void operator()(api::Container& container) { container_fields(*this, container); }
  template <class T>
  void operator()(std::optional<T>& value) {
    value.reset();
    if (number() == 1) (*this)(value.emplace());
  }
  template <class T>
  void operator()(std::vector<T>& all) {
    all.resize(static_cast<size_t>(number()));
    for (T& each : all) (*this)(each);
  }
  std::string_view view() {
    const auto size = static_cast<size_t>(number());
    const auto text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

 private:
  std::int64_t number() {
    std::uint64_t value = 0;
    unsigned char byte = 0x80;
    for (int shift = 0; (byte & 0x80) != 0; shift += 7) {
      byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
    }
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }

  std::string_view rest_;
};

}  // namespace

PackedPod::PackedPod(const api::Pod& pod) : version_(version_number(pod.meta.resource_version)) {
  Writer writer;
  fields(writer, pod);
  bytes_ = writer.take();
  bytes_.shrink_to_fit();
}

api::Pod PackedPod::unpack() const {
  api::Pod pod;
  Reader reader(bytes_);
  fields(reader, pod);
  if (version_ > 0) pod.meta.resource_version = std::to_string(version_);
  return pod;
}

std::string_view PackedPod::uid() const { return bytes_.empty() ? std::string_view() : Reader(bytes_).view(); }

std::uint64_t version_number(std::string_view resource_version) {
  std::uint64_t value = 0;
  const char* const end = resource_version.data() + resource_version.size();
  const auto [stopped, error] = std::from_chars(resource_version.data(), end, value);
  return error == std::errc{} && stopped == end ? value : 0;
}

}  // namespace observe
