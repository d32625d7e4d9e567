// SPDX-License-Identifier: MIT
#include "sink/reject_log.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"
#include "formats/json_writer.h"
#include "sink/output_text.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxValueBytes = 80;

/// null where the text is empty, or the number below 0: it is not known.
void add(JsonWriter& json, std::string_view key, const std::string& text) {
  text.empty() ? json.member(key, nullptr) : json.member(key, to_valid_utf8(text));
}

void add(JsonWriter& json, std::string_view key, std::int64_t number) {
  number < 0 ? json.member(key, nullptr) : json.member(key, number);
}

std::string to_json_line(const Diagnostic& rejection) {
  JsonWriter json;
  json.begin_object();
  add(json, "file", rejection.file);
  add(json, "object_id", rejection.object_id);
  add(json, "line", rejection.line);
  add(json, "byte", rejection.byte);
  add(json, "column", rejection.column);
  json.member("code", status_name(rejection.code));
  add(json, "value", escaped(rejection.value, kMaxValueBytes));
  add(json, "message", rejection.message);
  return json.end().take() + '\n';
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

AtomicFile* file_of(RejectLog& rejects) noexcept {
  return rejects.state_->file ? &*rejects.state_->file : nullptr;
}

void RejectLog::close() {
  if (state_->file) state_->file->commit();
}

}  // namespace astrom3
