#include "observe/packed.hpp"

#include <charconv>
#include <concepts>
#include <optional>
#include <vector>

namespace observe {
namespace {

using api::Instant;

// Below: the one list of what is kept of each, so that writing and reading cannot disagree. The uid of
// an object is first: uid() reads nothing else.
template <class Archive, class Meta>
void meta_fields(Archive& archive, Meta& meta) {
  archive(meta.uid);
  archive(meta.generation);
  archive(meta.created);
  archive(meta.deleted);
}
template <class Archive, class Container>
void container_fields(Archive& archive, Container& container) {
  archive(container.name);
  archive(container.kind);
  archive(container.restarts);
  archive(container.ready);
  archive(container.waiting);
  archive(container.waiting_message);
  archive(container.ended);
  archive(container.last_ended);
}
template <class Archive, class Ended>
void ended_fields(Archive& archive, Ended& ended) {
  archive(ended.exit_code);
  archive(ended.reason);
  archive(ended.finished);
}

template <class Archive, class Pod>
void pod_fields(Archive& archive, Pod& pod) {
  meta_fields(archive, pod.meta);
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
template <class Archive, class Template>
void template_fields(Archive& archive, Template& of) {
  archive(of.exact);
  archive(of.body);
  archive(of.labels);
  archive(of.annotations);
  archive(of.cpu_millis);
  archive(of.memory_bytes);
}
template <class Archive, class ReplicaSet>
void set_fields(Archive& archive, ReplicaSet& set) {
  meta_fields(archive, set.meta);
  archive(set.revision);
  archive(set.reused);
  archive(set.mark);
  archive(set.replicas);
  archive(set.status_replicas);
  archive(set.ready);
  archive(set.available);
  archive(set.pod_template);
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
  void operator()(const api::Pod& pod) { pod_fields(*this, pod); }
  void operator()(const api::ReplicaSet& set) { set_fields(*this, set); }
  void operator()(const api::Template& of) { template_fields(*this, of); }
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
  void operator()(const api::Strings& all) {
    number(static_cast<std::int64_t>(all.size()));
    for (const auto& [key, value] : all) {
      (*this)(key);
      (*this)(value);
    }
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
  void operator()(api::Pod& pod) { pod_fields(*this, pod); }
  void operator()(api::ReplicaSet& set) { set_fields(*this, set); }
  void operator()(api::Template& of) { template_fields(*this, of); }
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
  void operator()(api::Strings& all) {
    all.clear();
    for (auto left = number(); left > 0; --left) {
      std::string key(view());
      all.emplace_hint(all.end(), std::move(key), view());
    }
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

template <class T>
Packed<T>::Packed(const T& object) : version_(version_number(object.meta.resource_version)) {
  Writer writer;
  writer(object);
  bytes_ = writer.take();
  bytes_.shrink_to_fit();
}

template <class T>
T Packed<T>::unpack() const {
  T object;
  Reader reader(bytes_);
  reader(object);
  if (version_ > 0) object.meta.resource_version = std::to_string(version_);
  return object;
}

template <class T>
std::string_view Packed<T>::uid() const {
  return bytes_.empty() ? std::string_view() : Reader(bytes_).view();
}

template class Packed<api::Pod>;
template class Packed<api::ReplicaSet>;

std::uint64_t version_number(std::string_view resource_version) {
  std::uint64_t value = 0;
  const char* const end = resource_version.data() + resource_version.size();
  const auto [stopped, error] = std::from_chars(resource_version.data(), end, value);
  return error == std::errc{} && stopped == end ? value : 0;
}

}  // namespace observe
