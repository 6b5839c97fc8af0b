#include "wire/cpprest_stream.hpp"

#include <cstdlib>
#include <stdexcept>

#include <cpprest/producerconsumerstream.h>

namespace wire::cpprest {
namespace {

using concurrency::streams::details::streambuf_state_manager;

// Write-only; cpprest calls nothing but _putn.
class Sink final : public streambuf_state_manager<uint8_t> {
 public:
  explicit Sink(std::shared_ptr<Exchange> exchange)
      : streambuf_state_manager<uint8_t>(std::ios_base::out), exchange_(std::move(exchange)) {}

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  size_t buffer_size(std::ios_base::openmode) const override { return 0; }
  void set_buffer_size(size_t, std::ios_base::openmode) override {}
  size_t in_avail() const override { return 0; }
  pos_type getpos(std::ios_base::openmode) const override { return traits::eof(); }
  pos_type seekpos(pos_type, std::ios_base::openmode) override { return traits::eof(); }
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override { return traits::eof(); }
  bool acquire(uint8_t*&, size_t&) override { return false; }
  void release(uint8_t*, size_t) override {}

 protected:
  pplx::task<size_t> _putn(const uint8_t* data, size_t size) override {
    pplx::task_completion_event<size_t> room;
    const std::string_view piece(reinterpret_cast<const char*>(data), size);
    // Never an exception: cpprest closes the stream then, and waits for that on its only thread.
    switch (exchange_->offer(piece, [room, size] { room.set(size); })) {
      case Exchange::Offer::Taken:
        return pplx::task_from_result(size);
      case Exchange::Offer::Full:
        return pplx::create_task(room);
    }
    std::abort();
  }
  pplx::task<int_type> _putc(uint8_t) override { return no<int_type>(); }
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
  pplx::task<int_type> _bumpc() override { return no<int_type>(); }
  int_type _sbumpc() override { return traits::eof(); }
  pplx::task<int_type> _getc() override { return no<int_type>(); }
  int_type _sgetc() override { return traits::eof(); }
  pplx::task<int_type> _nextc() override { return no<int_type>(); }
  pplx::task<int_type> _ungetc() override { return no<int_type>(); }
  pplx::task<size_t> _getn(uint8_t*, size_t) override { return no<size_t>(); }
  size_t _scopy(uint8_t*, size_t) override { return 0; }
  uint8_t* _alloc(size_t) override { return nullptr; }
  void _commit(size_t) override {}

 private:
  template <class T>
  static pplx::task<T> no() {
    return pplx::task_from_exception<T>(std::make_exception_ptr(std::logic_error("the sink is written in pieces only")));
  }

  const std::shared_ptr<Exchange> exchange_;
};

}  // namespace

concurrency::streams::ostream sink_into(std::shared_ptr<Exchange> exchange) {
  const std::shared_ptr<concurrency::streams::details::basic_streambuf<uint8_t>> sink =
      std::make_shared<Sink>(std::move(exchange));
  return concurrency::streams::ostream(concurrency::streams::streambuf<uint8_t>(sink));
}

concurrency::streams::istream once_only(const std::string& body) {
  concurrency::streams::producer_consumer_buffer<uint8_t> buffer(body.size());
  buffer.putn_nocopy(reinterpret_cast<const uint8_t*>(body.data()), body.size()).get();  // copied at once, never pending
  return buffer.create_istream();
}

}  // namespace wire::cpprest
