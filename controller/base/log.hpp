// The one log format: a JSON object a line, with a constant lower-case message and its fields in the order given, empty ones
// left out.
//
// info = we changed the world; warn = we will retry; error = a person is needed; debug = what we saw.
//
// Thread rule: safe from every thread. Never a token, a Secret or a whole object.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace base::log {

using Field = std::pair<std::string_view, std::string>;

// Once, first in main. Level: debug, info, warn or error; false for any other word.
[[nodiscard]] bool start(std::string_view level);

void debug(std::string_view message, std::initializer_list<Field> fields = {});
void info(std::string_view message, std::initializer_list<Field> fields = {});
void warn(std::string_view message, std::initializer_list<Field> fields = {});
void error(std::string_view message, std::initializer_list<Field> fields = {});
void flush();

// The line's payload, without time and level; for the tests of the format.
[[nodiscard]] std::string format(std::string_view message, std::initializer_list<Field> fields);

}  // namespace base::log
