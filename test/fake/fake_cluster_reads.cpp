// The reading half of FakeCluster: pages, watches, and the tests' own view of what happened.
#include <algorithm>
#include <charconv>
#include <memory>

#include <fmt/format.h>

#include "fake/fake_cluster.hpp"
#include "fake/kinds.hpp"

namespace fake {

using base::Fault;
using nlohmann::json;

namespace {

constexpr std::string_view kTokenPrefix = "page-";

std::string bookmark(const wire::Kind& kind, std::int64_t version) {
  return fmt::format(
      R"({{"type":"BOOKMARK","object":{{"kind":"{}","apiVersion":"{}","metadata":{{"resourceVersion":"{}"}}}}}})", kind.name,
      api_version(kind), version);
}

std::string expired_line(std::int64_t version, std::int64_t oldest) {
  const json status{{"kind", "Status"},
                    {"apiVersion", "v1"},
                    {"metadata", json::object()},
                    {"status", "Failure"},
                    {"message", fmt::format("too old resource version: {} ({})", version, oldest)},
                    {"reason", "Expired"},
                    {"code", 410}};
  return fmt::format(R"({{"type":"ERROR","object":{}}})", status.dump());
}

// An item of a list: those of built-in kinds come without kind and apiVersion.
std::string item_text(const wire::Kind& kind, json object) {
  if (!traits_of(kind).is_custom) {
    object.erase("kind");
    object.erase("apiVersion");
  }
  return dump(object);
}

std::int64_t to_version(const std::string& text) {
  std::int64_t version = 0;
  std::from_chars(text.data(), text.data() + text.size(), version);
  return version;
}

bool is_of(const Change& change, const wire::Collection& of) {
  return change.kind == of.kind && (of.ns.empty() || change.ns == of.ns);
}

}  // namespace

Result<std::string> FakeCluster::list(const wire::Collection& of, int limit, const std::string& continue_token) {
  if (auto lost = judge({"list", of.kind, of.ns, "", "", ""}).lost_request) return tl::unexpected(*lost);
  const std::size_t most = limit > 0 ? static_cast<std::size_t>(limit) : SIZE_MAX;
  std::lock_guard hold(mutex_);
  if (continue_token.empty()) return first_page(of, most);
  const auto page = pages_.find(continue_token);
  if (page != pages_.end()) return page_text(of, page->second, most);
  if (continue_token.starts_with(kTokenPrefix)) return base::fail(Fault::Expired, "the provided continue parameter is too old");
  return base::fail(Fault::Invalid, "continue key is not valid");
}

Result<std::string> FakeCluster::first_page(const wire::Collection& of, std::size_t limit) {
  auto all = store_.list(of);
  return page_text(of, {{std::make_move_iterator(all.begin()), std::make_move_iterator(all.end())}, store_.version()}, limit);
}

Result<std::string> FakeCluster::page_text(const wire::Collection& of, Page page, std::size_t limit) {
  std::vector<std::string> items;
  for (; items.size() < limit && !page.rest.empty(); page.rest.pop_front())
    items.push_back(item_text(of.kind, page.rest.front()));
  json meta{{"resourceVersion", std::to_string(page.version)}};
  if (!page.rest.empty()) {
    const std::string token = fmt::format("{}{}-{}-{}", kTokenPrefix, of.kind.plural, page.version, page.rest.size());
    meta["continue"] = token;
    meta["remainingItemCount"] = page.rest.size();
    pages_[token] = std::move(page);
  }
  return fmt::format(R"({{"kind":"{}List","apiVersion":"{}","metadata":{},"items":[{}]}})", of.kind.name, api_version(of.kind),
                     meta.dump(), fmt::join(items, ","));
}

FakeCluster::Batch FakeCluster::initial(const wire::Collection& of) const {
  Batch batch{{}, store_.version(), false};
  for (const json& object : store_.list(of))
    batch.lines.push_back(fmt::format(R"({{"type":"ADDED","object":{}}})", dump(object)));
  return batch;
}

FakeCluster::Batch FakeCluster::since(const wire::Collection& of, std::int64_t version) const {
  if (version < store_.oldest()) return {{expired_line(version, store_.oldest())}, version, true};
  Batch batch{{}, store_.version(), false};
  for (const Change& change : store_.history(version)) {
    if (is_of(change, of)) batch.lines.push_back(change.line);
  }
  return batch;
}

Result<void> FakeCluster::watch(const wire::Collection& of, const wire::WatchAsk& ask, const wire::LineSink& sink,
                                std::stop_token stop) {
  if (auto lost = judge({"watch", of.kind, of.ns, "", "", ""}).lost_request) return tl::unexpected(*lost);
  std::unique_lock hold(mutex_);
  const int epoch = watch_epoch_;
  const auto is_over = [&] { return watches_end_ || watch_epoch_ != epoch; };
  const bool is_fresh = ask.resource_version.empty() || ask.resource_version == "0";
  Batch batch = is_fresh ? initial(of) : since(of, to_version(ask.resource_version));
  for (bool is_first = true;; is_first = false) {
    const bool is_end = batch.is_expired || is_over() || stop.stop_requested();
    if (!batch.is_expired && (is_first || is_end)) batch.lines.push_back(bookmark(of.kind, batch.version));
    hold.unlock();
    for (const std::string& line : batch.lines) {
      if (!sink(line)) return {};
    }
    if (is_end) return {};
    hold.lock();
    const std::int64_t seen = batch.version;
    changed_.wait(hold, stop, [&] { return is_over() || !since(of, seen).lines.empty(); });
    batch = since(of, seen);
  }
}

std::vector<std::string> FakeCluster::drain(const wire::Kind& kind, std::int64_t since_version) const {
  std::lock_guard hold(mutex_);
  return since({kind, ""}, since_version).lines;
}

void FakeCluster::on_event(OnEvent listener) {
  std::lock_guard hold(mutex_);
  listeners_.push_back(std::move(listener));
}

// One thread delivers at a time, so that listeners see commits in order, also those made by a listener.
void FakeCluster::publish() {
  changed_.notify_all();
  std::unique_lock hold(mutex_);
  if (is_publishing_) return;
  is_publishing_ = true;
  const auto finish = [this](void*) { is_publishing_ = false; };
  const std::unique_ptr<void, decltype(finish)> at_end(this, finish);  // also when a listener throws
  while (published_ < store_.version()) {
    const auto unpublished = store_.history(std::max(published_, store_.oldest()));
    const std::vector<Change> news(unpublished.begin(), unpublished.end());
    published_ = store_.version();
    const auto listeners = listeners_;
    hold.unlock();
    for (const Change& change : news) {
      for (const OnEvent& tell : listeners) tell(change.kind, change.line);
    }
    hold.lock();
  }
}

std::int64_t FakeCluster::version() const {
  std::lock_guard hold(mutex_);
  return store_.version();
}

void FakeCluster::compact() {
  std::lock_guard hold(mutex_);
  store_.compact();
  pages_.clear();
}

void FakeCluster::end_watches() {
  {
    std::lock_guard hold(mutex_);
    watches_end_ = true;
    ++watch_epoch_;
  }
  changed_.notify_all();
}

void FakeCluster::resume_watches() {
  std::lock_guard hold(mutex_);
  watches_end_ = false;
}

}  // namespace fake
