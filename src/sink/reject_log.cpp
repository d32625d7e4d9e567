// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "astrom3/sink.h"
#include "base/atomic_file.h"
#include "sink/output_text.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxValueBytes = 80;

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += fmt::format("\"{}\":", key);
  if (value.empty()) {
    out += "null";
  } else {
    append_json_string(out, value);
  }
}

void append_member(std::string& out, std::string_view key, std::int64_t value) {
  out += value < 0 ? fmt::format("\"{}\":null", key) : fmt::format("\"{}\":{}", key, value);
}

std::string to_json_line(const Diagnostic& rejection) {
  std::string out = "{";
  append_member(out, "file", rejection.file);
  append_member(out += ',', "object_id", rejection.object_id);
  append_member(out += ',', "line", rejection.line);
  append_member(out += ',', "byte", rejection.byte);
  append_member(out += ',', "column", rejection.column);
  append_member(out += ',', "code", status_name(rejection.code));
  append_member(out += ',', "value", escaped(rejection.value, kMaxValueBytes));
  append_member(out += ',', "message", rejection.message);
  return out += "}\n";
}

}  // namespace

struct RejectLog::State {
  std::optional<AtomicFile> file;
  std::string* text = nullptr;
};

RejectLog::RejectLog(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  if (!path.empty()) state_->file.emplace(path);
}

RejectLog::RejectLog(std::string* text) : state_(std::make_unique<State>()) {
  state_->text = text;
}

RejectLog::~RejectLog() = default;
RejectLog::RejectLog(RejectLog&&) noexcept = default;
RejectLog& RejectLog::operator=(RejectLog&&) noexcept = default;

void RejectLog::write(const Diagnostic& rejection) {
  if (state_->file) state_->file->write(to_json_line(rejection));
  if (state_->text != nullptr) *state_->text += to_json_line(rejection);
}

void RejectLog::finish() {
  if (state_->file) state_->file->finish();
}

void RejectLog::close() {
  if (state_->file) state_->file->commit();
}

}  // namespace astrom3
