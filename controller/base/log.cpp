#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

namespace base::log {
namespace {

void write(spdlog::level::level_enum level, std::string_view message, std::initializer_list<Field> fields) {
  auto* logger = spdlog::default_logger_raw();
  if (logger->should_log(level)) logger->log(level, format(message, fields));
}

}  // namespace

bool start(std::string_view level) {
  if (level != "debug" && level != "info" && level != "warn" && level != "error") return false;
  const auto wanted = spdlog::level::from_str(std::string(level));
  auto logger = spdlog::stderr_logger_mt("rollback-controller");
  logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
  logger->set_level(wanted);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return true;
}

std::string format(std::string_view message, std::initializer_list<Field> fields) {
  nlohmann::ordered_json line{{"msg", message}};
  for (const auto& [key, value] : fields) {
    if (!value.empty()) line[std::string(key)] = value;
  }
  std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.substr(1, text.size() - 2);
}

void debug(std::string_view message, std::initializer_list<Field> fields) { write(spdlog::level::debug, message, fields); }
void info(std::string_view message, std::initializer_list<Field> fields) { write(spdlog::level::info, message, fields); }
void warn(std::string_view message, std::initializer_list<Field> fields) { write(spdlog::level::warn, message, fields); }
void error(std::string_view message, std::initializer_list<Field> fields) { write(spdlog::level::err, message, fields); }
void flush() { spdlog::default_logger_raw()->flush(); }

}  // namespace base::log
