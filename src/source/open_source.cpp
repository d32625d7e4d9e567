// SPDX-License-Identifier: MIT
//
// Many files as one stream of objects.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "base/checked_product.h"
#include "base/descriptor_path.h"
#include "base/hash_set.h"
#include "base/spooled_input.h"
#include "formats/byte_reader.h"
#include "formats/decompressed.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/text_encoding.h"
#include "source/check_options.h"
#include "source/fits_source.h"
#include "source/grouped_source.h"
#include "source/object_builder.h"
#include "source/parquet_source.h"
#include "source/text_source.h"

namespace astrom3 {
namespace {

constexpr std::uint64_t kMaxWarnings = 100;  // a million files may all have something unusual

constexpr std::string_view kFitsMagic = "SIMPLE  =";

/// Whether a file is FITS, compressed or not.
bool looks_like_fits(const ByteReader& bytes, std::string_view head) {
  if (head.starts_with(kFitsMagic)) return true;
  if (!head.starts_with("\x1f\x8b") && !head.starts_with("\x28\xb5\x2f\xfd")) return false;
  try {
    DecompressedReader reader(bytes.from_start());
    std::array<char, kFitsMagic.size()> first{};
    std::size_t n = 0;
    while (n < first.size()) {
      const std::size_t more = reader.read(std::span(first).subspan(n));
      if (more == 0) break;
      n += more;
    }
    return std::string_view(first.data(), n) == kFitsMagic;
  } catch (const Error&) {
    return false;  // the reader of text reports the error
  }
}

/// The first bytes of a file that may be compressed; fewer if it is damaged or cut.
std::string decompressed_head(std::string_view head) {
  std::string text(kHeadBytes, '\0');
  std::size_t n = 0;
  try {
    DecompressedReader reader(ByteReader::in_memory(head));
    while (n < text.size()) {
      const std::size_t more = reader.read(std::span(text).subspan(n));
      if (more == 0) break;
      n += more;
    }
  } catch (const Error&) {  // the reader of the whole file reports the error
  }
  text.resize(n);
  return text;
}

/// Throws Error not_text or bad_encoding if no reader could read the first bytes of standard input.
void check_stdin(std::string_view head) {
  const std::string text = decompressed_head(head);
  if (text.starts_with(kFitsMagic) || looks_like_parquet(std::as_bytes(std::span(text)))) return;
  const TextTraits traits = examine_text(text);
  if (traits.status != Status::ok) throw Error(traits.status, traits.message);
}

/// How much of standard input may be copied to a temporary file.
std::uint64_t most_of_stdin(const SourceOptions& options) {
  constexpr std::uint64_t kTimesMemory = 16;
  return checked_product(kTimesMemory, options.memory_bytes).value_or(UINT64_MAX);
}

/// Opens one file; the family of its format decides which source reads it.
///
/// place  where its bytes are     name  what it is called
std::unique_ptr<Source> open_file(const std::filesystem::path& place, const std::string& name,
                                  const SourceOptions& options) {
  ByteReader bytes = ByteReader::open(place);
  std::array<char, kFitsMagic.size()> head{};
  const std::size_t n = bytes.read(head);
  if (looks_like_parquet(std::as_bytes(std::span(head).first(n))))
    return std::make_unique<ParquetSource>(place, name, options);
  if (looks_like_fits(bytes, {head.data(), n}))
    return std::make_unique<FitsSource>(bytes.from_start(), name, options);
  return std::make_unique<TextSource>(DecompressedReader(bytes.from_start()), name, options);
}

class FilesSource final : public Source {
 public:
  FilesSource(std::vector<std::filesystem::path> files, SourceOptions options, SourcePosition start)
      : files_(std::move(files)),
        options_(std::move(options)),
        next_file_(static_cast<std::size_t>(std::min<std::uint64_t>(start.file, files_.size()))),
        to_skip_(start.object),
        position_{.file = start.file, .object = 0} {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      std::error_code error;
      const std::uintmax_t size = std::filesystem::file_size(files_[i], error);
      if (error) continue;
      bytes_total_ += size;
      if (i < next_file_) bytes_done_ += size;
    }
  }

  bool next(SourceObject& object) override {
    for (; to_skip_ > 0; --to_skip_) {
      if (!advance(object)) return false;
    }
    return advance(object);
  }

  SourcePosition position() const override { return position_; }

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
  /// A warning that several files have in common.
  struct Repeated {
    Diagnostic first;
    std::uint64_t n = 0;
  };

  bool advance(SourceObject& object) {
    while (current_ != nullptr || next_file_ < files_.size()) {
      if (current_ == nullptr && !open_next(object)) return true;
      const bool found = current_->next(object);
      if (found) {
        ++position_.object;
        n_rows_in_file_ += object.n_raw;
        check_id(object);
        return true;
      }
      close_current();
    }
    report_duplicates();
    report_repeated();
    report_suppressed();
    return false;
  }

  /// False when the file cannot be opened; `object` then stands for it.
  bool open_next(SourceObject& object) {
    position_ = {.file = next_file_, .object = 0};
    const std::filesystem::path& file = files_[next_file_++];
    const std::string name = file == "-" ? "stdin" : file.string();
    try {
      current_ = open_file(file == "-" ? place_of_stdin() : file, name, options_);
      return true;
    } catch (const Error& error) {
      Diagnostic rejection = error.diagnostic();
      rejection.file = name;
      rejection.object_id = object_id_of(rejection.file);
      object = rejected_object(std::move(rejection));
      ++position_.object;
      check_id(object);
      return false;
    }
  }

  /// Where standard input can be read like a file: where it is, if it is a file, else in a copy.
  std::filesystem::path place_of_stdin() {
    const std::filesystem::path place = path_of_descriptor(STDIN_FILENO);
    struct ::stat status {};
    const bool is_file = ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode) &&
                         ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0 && ::access(place.c_str(), R_OK) == 0;
    if (is_file) return place;
    spool_ = std::make_unique<SpooledInput>(STDIN_FILENO, most_of_stdin(options_), check_stdin);
    return spool_->path();
  }

  void close_current() {
    warn_of_row_numbers();
    collect_warnings();
    n_rows_in_file_ = 0;
    last_description_ = current_->describe();
    bytes_done_ += current_->bytes_total();
    current_.reset();
  }

  /// A column called "id" may number the rows, which makes an object of every row.
  void warn_of_row_numbers() {
    constexpr std::uint64_t kFewObjects = 3;
    const bool has_ids = !options_.id_column.empty();
    if (has_ids || position_.object < kFewObjects || n_rows_in_file_ != position_.object) return;
    warnings_.push_back(
        {.code = Status::too_few_points,
         .file = files_[next_file_ - 1].string(),
         .message = "every row is an object of its own by the column of ids",
         .hint = {"where it numbers the rows, {} says that the table is one object", {{"id-column", "-"}}}});
  }

  void collect_warnings() {
    for (Diagnostic& warning : current_->take_warnings()) {
      last_warning_code_ = warning.code;
      // A million files of one kind have one thing to say.
      const std::string text = warning.column + '\n' + warning.message;
      if (repeated_.size() < kMaxWarnings || repeated_.contains(text)) {
        Repeated& repeated = repeated_[text];
        if (repeated.n++ > 0) continue;
        repeated.first = warning;
      }
      if (n_warnings_++ < kMaxWarnings) warnings_.push_back(std::move(warning));
    }
  }

  void report_repeated() {
    for (auto& [text, repeated] : repeated_) {
      if (repeated.n < 2) continue;
      Diagnostic warning = std::move(repeated.first);
      warning.message = fmt::format("the same holds for {} more files: {}", repeated.n - 1, warning.message);
      warnings_.push_back(std::move(warning));
    }
    repeated_.clear();
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
  std::uint64_t to_skip_ = 0;
  SourcePosition position_;
  std::unique_ptr<SpooledInput> spool_;  ///< of "-"
  std::unique_ptr<Source> current_;
  std::uint64_t n_rows_in_file_ = 0;  ///< of the objects handed out
  std::uint64_t bytes_done_ = 0;
  std::uint64_t bytes_total_ = 0;
  TableDescription last_description_;
  HashSet ids_;
  std::uint64_t n_duplicates_ = 0;
  std::string first_duplicate_;
  std::vector<Diagnostic> warnings_;
  std::map<std::string, Repeated> repeated_;  ///< by their texts
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
  total.missing_errors += part.missing_errors;
  return total;
}

std::unique_ptr<Source> open_source(std::vector<std::filesystem::path> files, const SourceOptions& options,
                                    SourcePosition start) {
  check_source_options(options);
  return std::make_unique<FilesSource>(std::move(files), options, start);
}

}  // namespace astrom3
