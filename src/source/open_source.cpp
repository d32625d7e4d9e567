// SPDX-License-Identifier: MIT
//
// Many files as one stream of objects.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/source.h"
#include "base/hash_set.h"
#include "formats/byte_reader.h"
#include "formats/gzip.h"
#include "source/columns.h"
#include "source/survey_formats.h"
#include "source/text_source.h"

namespace astrom3 {
namespace {

constexpr std::uint64_t kMaxWarnings = 100;  // of a million files all may have something odd

void check_options(const SourceOptions& options) {
  check_columns_option(options);
  check_format_option(options);
  if (options.split_bands && !options.band.empty())
    throw Error(Status::usage, "one band and every band by itself exclude each other");
  const auto check_positive = [](double value, std::string_view option) {
    if (!(value > 0) || !std::isfinite(value)) {
      throw Error(Status::usage, fmt::format("{} must be a positive number", option));
    }
  };
  if (options.zero_point_jy.has_value()) check_positive(*options.zero_point_jy, "--zero-point");
  if (options.missing_error.has_value() &&
      (!(*options.missing_error >= 0) || !std::isfinite(*options.missing_error))) {
    throw Error(Status::usage, "--missing-error must not be negative");
  }
  if (options.decimal != '.' && options.decimal != ',') throw Error(Status::usage, "--decimal is '.' or ','");
}

/// Opens one file; the family of its format decides which source reads it.
std::unique_ptr<Source> open_file(const std::filesystem::path& file, const SourceOptions& options) {
  return std::make_unique<TextSource>(GzipReader(ByteReader::open(file)), file.string(), options);
}

class FilesSource final : public Source {
 public:
  FilesSource(std::vector<std::filesystem::path> files, SourceOptions options)
      : files_(std::move(files)), options_(std::move(options)) {
    for (const std::filesystem::path& file : files_) {
      std::error_code error;
      const std::uintmax_t size = std::filesystem::file_size(file, error);
      if (!error) bytes_total_ += size;
    }
  }

  bool next(SourceObject& object) override {
    while (current_ != nullptr || next_file_ < files_.size()) {
      if (current_ == nullptr && !open_next(object)) return true;
      const bool found = current_->next(object);
      if (found) {
        check_id(object);
        return true;
      }
      close_current();
    }
    report_duplicates();
    report_suppressed();
    return false;
  }

  std::vector<Diagnostic> take_warnings() override {
    if (current_ != nullptr) collect_warnings();
    return std::exchange(warnings_, {});
  }
  TableDescription describe() const override {
    return current_ != nullptr ? current_->describe() : last_description_;
  }
  std::uint64_t bytes_read() const override {
    return bytes_done_ + (current_ != nullptr ? current_->bytes_read() : 0);
  }
  std::uint64_t bytes_total() const override { return bytes_total_; }

 private:
  /// False when the file cannot be opened; `object` then stands for it.
  bool open_next(SourceObject& object) {
    const std::filesystem::path& file = files_[next_file_++];
    try {
      current_ = open_file(file, options_);
      return true;
    } catch (const Error& error) {
      Diagnostic rejection = error.diagnostic();
      rejection.file = file.string();
      rejection.object_id = object_id_of(rejection.file);
      object = rejected_object(std::move(rejection));
      check_id(object);
      return false;
    }
  }

  void close_current() {
    collect_warnings();
    last_description_ = current_->describe();
    bytes_done_ += current_->bytes_total();
    current_.reset();
  }

  void collect_warnings() {
    for (Diagnostic& warning : current_->take_warnings()) {
      last_warning_code_ = warning.code;
      if (n_warnings_++ < kMaxWarnings) warnings_.push_back(std::move(warning));
    }
  }

  void report_suppressed() {
    if (n_warnings_ <= kMaxWarnings) return;
    warnings_.push_back(
        {.code = last_warning_code_,
         .message = fmt::format("{} more warnings about files are not shown", n_warnings_ - kMaxWarnings)});
    n_warnings_ = 0;
  }

  /// Counts ids that another file already had; with unique_ids they are rejected.
  void check_id(SourceObject& object) {
    if (files_.size() < 2) return;
    // An object that came back in its own file was reported by its reader.
    if (object.rejection.has_value() && object.rejection->code == Status::not_grouped) return;
    if (ids_.insert(object.object_id)) return;
    if (n_duplicates_++ == 0) first_duplicate_ = object.object_id;
    if (!options_.unique_ids || object.rejection.has_value()) return;
    object.light_curve = {};
    object.rejection = Diagnostic{.code = Status::duplicate_id,
                                  .file = object.file,
                                  .object_id = object.object_id,
                                  .message = "another input file has an object of this id"};
  }

  void report_duplicates() {
    if (n_duplicates_ == 0) return;
    warnings_.push_back({.code = Status::duplicate_id,
                         .object_id = first_duplicate_,
                         .message = fmt::format("{} object id{} in more than one input file, this one first",
                                                n_duplicates_, n_duplicates_ == 1 ? " occurs" : "s occur")});
    n_duplicates_ = 0;
  }

  std::vector<std::filesystem::path> files_;
  SourceOptions options_;
  std::size_t next_file_ = 0;
  std::unique_ptr<Source> current_;
  std::uint64_t bytes_done_ = 0;
  std::uint64_t bytes_total_ = 0;
  TableDescription last_description_;
  HashSet ids_;
  std::uint64_t n_duplicates_ = 0;
  std::string first_duplicate_;
  std::vector<Diagnostic> warnings_;
  Status last_warning_code_ = Status::ok;
  std::uint64_t n_warnings_ = 0;  // about single files, shown or not
};

}  // namespace

DropCounts& operator+=(DropCounts& total, const DropCounts& part) {
  total.nonfinite += part.nonfinite;
  total.missing += part.missing;
  total.upper_limits += part.upper_limits;
  total.null_values += part.null_values;
  total.quality += part.quality;
  total.other_bands += part.other_bands;
  return total;
}

std::unique_ptr<Source> open_source(std::vector<std::filesystem::path> files, const SourceOptions& options) {
  check_options(options);
  return std::make_unique<FilesSource>(std::move(files), options);
}

}  // namespace astrom3
