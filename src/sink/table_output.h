// SPDX-License-Identifier: MIT
//
// Where a table goes: into a file that gets its name when it is complete, or into a stream.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"
#include "sink/stream_output.h"

namespace astrom3 {

class TableOutput {
 public:
  /// Throws Error usage for Parquet into a stream, and output_error.
  TableOutput(const std::filesystem::path& path, SinkFormat format);
  explicit TableOutput(AtomicFile file) : file_(std::move(file)) {}

  void write(std::string_view text) { file_ ? file_->write(text) : stream_->write(text); }
  void write(std::span<const std::byte> bytes) { file_->write(bytes); }
  void finish() { file_ ? file_->finish() : stream_->flush(); }

  /// Null: a stream, beside which no other file can be.
  AtomicFile* file() noexcept { return file_ ? &*file_ : nullptr; }

 private:
  std::optional<AtomicFile> file_;
  std::unique_ptr<StreamOutput> stream_;
};

}  // namespace astrom3
