#include "wire/lease.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/log.hpp"

namespace wire {
namespace {

using base::Fault;
using Json = nlohmann::json;

// A duration that another holder wrote is honoured up to this, so that nonsense cannot lock everybody out.
constexpr base::Seconds kLongestDuration{60};

template <class T>
T value_at(const Json& object, const char* path, T otherwise) {
  const auto found = object.value(Json::json_pointer(path), Json());
  if constexpr (std::is_same_v<T, std::string>) {
    return found.is_string() ? found.template get<T>() : otherwise;
  } else {
    return found.is_number_integer() ? found.template get<T>() : otherwise;
  }
}

tl::unexpected<base::Error> not_leading() { return base::fail(Fault::Unavailable, "not the leader"); }

}  // namespace

Lease::Lease(Api& api, LeaseOptions options, const base::Clock& clock)
    : api_(api), options_(std::move(options)), clock_(clock) {}

bool Lease::may_write() const { return clock_.boot().count() < writes_until_.load(); }

Result<void> Lease::saw(const std::string& text) {
  const auto object = Json::parse(text, nullptr, false);
  if (!object.is_object()) return base::fail(Fault::Unavailable, "the lease is not a JSON object");
  Seen now;
  now.version = value_at<std::string>(object, "/metadata/resourceVersion", "");
  now.holder = value_at<std::string>(object, "/spec/holderIdentity", "");
  now.transitions = value_at<std::int64_t>(object, "/spec/leaseTransitions", 0);
  now.acquired = value_at<std::string>(object, "/spec/acquireTime", "");
  const base::Seconds written{
      std::clamp<std::int64_t>(value_at<std::int64_t>(object, "/spec/leaseDurationSeconds", 0), 0, kLongestDuration.count())};
  now.duration = std::max(options_.duration, written);
  if (!seen_ || seen_->version != now.version) changed_at_ = clock_.boot();
  seen_ = std::move(now);
  return {};
}

Result<void> Lease::look() {
  const auto text = api_.get({kLeases, options_.ns, options_.name, "", {}});
  if (!text) return tl::unexpected(text.error());
  return saw(*text);
}

bool Lease::is_free() const {
  return seen_->holder.empty() || seen_->holder == options_.identity || clock_.boot() - changed_at_ >= seen_->duration;
}

base::Millis Lease::next_look() const {
  const auto left = changed_at_ + seen_->duration - clock_.boot();
  return std::clamp<base::Millis>(left, base::Millis{1}, options_.look);
}

Result<void> Lease::create() {
  const auto now = base::to_rfc3339_micro(clock_.now());
  const Json lease{{"apiVersion", "coordination.k8s.io/v1"},
                   {"kind", "Lease"},
                   {"metadata", {{"name", options_.name}, {"namespace", options_.ns}}},
                   {"spec",
                    {{"holderIdentity", options_.identity},
                     {"leaseDurationSeconds", options_.duration.count()},
                     {"acquireTime", now},
                     {"renewTime", now},
                     {"leaseTransitions", 0}}}};
  const auto made = api_.create({kLeases, options_.ns}, lease.dump());
  if (!made) return tl::unexpected(made.error());
  return saw(*made);
}

// Only over the very lease that was seen.
Result<void> Lease::write(const std::string& holder) {
  const auto now = base::to_rfc3339_micro(clock_.now());
  const bool takes_over = holder != seen_->holder && !holder.empty();
  const Json spec{{"holderIdentity", holder},
                  {"leaseDurationSeconds", holder.empty() ? 1 : options_.duration.count()},
                  {"acquireTime", takes_over || seen_->acquired.empty() ? now : seen_->acquired},
                  {"renewTime", now},
                  {"leaseTransitions", seen_->transitions + (takes_over ? 1 : 0)}};
  const auto operations = Json::array({Json{{"op", "test"}, {"path", "/metadata/resourceVersion"}, {"value", seen_->version}},
                                       Json{{"op", "add"}, {"path", "/spec"}, {"value", spec}}});
  const auto written = api_.json_patch({kLeases, options_.ns, options_.name, "", {}}, operations.dump());
  if (!written) return tl::unexpected(written.error());
  return saw(*written);
}

// A leader writes without reading first: its patch fails if anybody else has touched the lease.
Result<void> Lease::try_hold() {
  if (leading_) {
    auto renewed = write(options_.identity);
    const bool touched = !renewed && (renewed.error().fault == Fault::Conflict || renewed.error().fault == Fault::NotFound);
    if (!touched) return renewed;  // touched: perhaps only an annotation was changed, so look
  }
  const auto found = look();
  if (!found && found.error().fault == Fault::NotFound) return create();
  if (!found) return found;
  if (leading_ && seen_->holder != options_.identity) step_down("held by '" + seen_->holder + "'");
  if (!is_free()) return base::fail(Fault::Conflict, "held by '" + seen_->holder + "'");
  return write(options_.identity);
}

void Lease::step_down(const std::string& why) {
  writes_until_ = 0;
  if (std::exchange(leading_, false)) base::log::error("leadership lost", {{"lease", options_.name}, {"why", why}});
}

base::Millis Lease::step() {
  const auto sent_at = clock_.boot();
  const auto held = try_hold();
  if (held) {
    writes_until_ = (sent_at + options_.renew_deadline).count();
    leading_ = true;
    told_.clear();
    return options_.retry;
  }
  const auto& why = held.error();
  if (why.fault != Fault::Conflict && std::exchange(told_, why.what) != why.what)
    base::log::warn("the lease can't be had, and without it nothing is done", {{"lease", options_.name}, {"why", why.what}});
  if (leading_ && !may_write()) step_down(held.error().what);
  return why.fault == Fault::Conflict && seen_ && !leading_ ? next_look() : options_.retry;
}

void Lease::release() {
  const bool was_leading = leading_;
  writes_until_ = 0;
  leading_ = false;
  if (!was_leading || !seen_) return;
  if (const auto given = write(""); !given) {
    base::log::warn("the lease could not be given up, it ends by itself",
                    {{"lease", options_.name}, {"why", given.error().what}});
  }
}

Result<std::string> FencedApi::create(const Collection& in, const std::string& body) {
  if (!lease_.may_write()) return not_leading();
  return api_.create(in, body);
}

Result<std::string> FencedApi::json_patch(const Ref& ref, const std::string& operations) {
  if (!lease_.may_write()) return not_leading();
  return api_.json_patch(ref, operations);
}

Result<void> FencedApi::remove(const Ref& ref, const std::string& uid) {
  if (!lease_.may_write()) return not_leading();
  return api_.remove(ref, uid);
}

}  // namespace wire
