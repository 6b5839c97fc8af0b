// Private to the cpprest adapter (cpprest_http.cpp, cpprest_stream.cpp): the bodies of requests and answers as its streams.
#pragma once

#include <memory>
#include <string>

#include <cpprest/streams.h>

#include "wire/exchange.hpp"

namespace wire::cpprest {

// Pushes each piece of the body into the exchange as it arrives.
concurrency::streams::ostream sink_into(std::shared_ptr<Exchange> exchange);

// A body that cannot be rewound: when a kept connection breaks before the status line, cpprest sends any request again whose
// body it can rewind, also one that the server has already carried out.
concurrency::streams::istream once_only(const std::string& body);

}  // namespace wire::cpprest
