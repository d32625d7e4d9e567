// SPDX-License-Identifier: MIT
//
// Writes rows: one for every input object, in input order, into files that are complete or do not exist.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/features/features.h"

namespace astrom3 {

class AtomicFile;

enum class SinkFormat : std::uint8_t { csv, parquet, npy };

/// One row. Columns: object_id, status, flags, n_raw, n_used, amplitude, period, lksl_statistic,
/// rfr_score, log10_mad, delta_t, feature_sources, then the period search, or class and p_<CLASS> and
/// out_of_class, or the embedding.
struct Row {
  std::string object_id{};
  Status status = Status::ok;
  Flags flags{};
  std::uint64_t n_raw = 0;
  std::uint64_t n_used = 0;
  std::array<double, kFeatureCount> features{};  ///< raw units
  std::array<FeatureSource, kFeatureCount> feature_sources{};
  double log10_mad = 0;
  double delta_t = 0;
  const PeriodResult* period_search = nullptr;  ///< null: the period was given, or none could be found
  std::span<const float> probabilities{};       ///< [classes]; empty: not wanted, or rejected
  double out_of_class = 0;                      ///< OutOfClass::score(), where the layout has it
  std::span<const float> embedding{};           ///< [D]; empty: not wanted, or rejected
  std::span<const float> sequence{};            ///< [T, D]; NPY and Parquet only
  std::span<const float> x_enc{};               ///< [T, 9]; `preprocess` only
  std::span<const float> mask{};                ///< [T]; `preprocess` only
};

/// What made a file; written as Parquet key-value metadata or OUT.meta.json.
/// No times, host names or thread counts: equal inputs give equal bytes.
using Identity = std::vector<std::pair<std::string, std::string>>;

/// The columns of a file. A size of zero means "not in this file".
struct RowLayout {
  std::vector<std::string> class_names = {};  ///< for class (the likeliest) and p_<CLASS>
  bool out_of_class = false;                  ///< a column of that name after them
  std::size_t embedding_size = 0;             ///< D
  /// Columns period_err, period_power, false_alarm_probability and period_probability, then for each of
  /// n_alternates runners-up its period and how much less likely it is: CSV and Parquet only.
  bool period_search = false;
  std::size_t n_alternates = 0;
  std::size_t sequence_steps = 0;  ///< T of `sequence` (its width is sequence_width)
  std::size_t sequence_width = 0;  ///< D
  std::size_t tensor_steps = 0;    ///< T of x_enc and mask
};

/// Receives rows in order. Nothing appears under the final name before close() has succeeded;
/// destroying an unclosed sink removes its temporary files. Every failure throws Error output_error.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(const Row& row) = 0;
  /// Writes everything to disk under temporary names: the slow half of close(), in which a full disk is
  /// noticed. Outputs that belong together are all finished before the first is closed.
  virtual void finish() {}
  virtual void close() = 0;
};

struct SinkOptions {
  bool force = false;  ///< npy: write into a directory that is not empty
  /// csv: write a ' before ids and classes that begin with = + - @, tab or carriage return, which
  /// spreadsheets would take for formulas
  bool spreadsheet_safe = false;
  std::string scaling{};  ///< npy: the text of scaling.json, which is not written where this is empty
};

/// csv: `path` is the file, "-" stdout (or a pipe or device); OUT.meta.json beside it, OUT without
/// its .csv suffix (not for streams). parquet: `path` is the file. npy: `path` is a directory with
/// mean.npy / sequence.npy / x_enc.npy / mask.npy, objects.csv, meta.json and scaling.json; it is made if it
/// is missing and refused if it is not empty, so open the sink before its RejectLog.
///
/// A rejected row keeps object_id, status, flags, n_raw and n_used; its other cells are empty
/// (null in Parquet, NaN in mean.npy and sequence.npy, 0 in x_enc.npy and mask.npy).
/// Ids are written as they are; NUL and bytes that are not UTF-8 as \xNN.
/// The path is tested at once: an unwritable one throws before any work is done.
/// Throws Error output_error, or usage if the layout does not fit the format (a sequence into
/// CSV, Parquet into a pipe).
std::unique_ptr<Sink> open_sink(const std::filesystem::path& path, SinkFormat format, const RowLayout& layout,
                                const Identity& identity, const SinkOptions& options = {});

/// OUT.rejects.jsonl: one JSON object per line: file, object_id, line, byte, column, code, value,
/// message; null if a field does not apply. Atomic like a sink. An empty path writes nothing.
class RejectLog {
 public:
  explicit RejectLog(const std::filesystem::path& path);
  /// Appends the lines to `text` instead.
  explicit RejectLog(std::string* text);
  ~RejectLog();
  RejectLog(RejectLog&&) noexcept;
  RejectLog& operator=(RejectLog&&) noexcept;
  void write(const Diagnostic& rejection);
  void finish();
  void close();

 private:
  friend AtomicFile* file_of(RejectLog& rejects) noexcept;
  struct State;
  std::unique_ptr<State> state_;
};

/// Calls finish() of both, then close(): all files of a sink and of its reject log (which may be null) get
/// their names, or none does; after an error the files of an earlier run are there unchanged. Throws Error
/// output_error.
void close_together(Sink& sink, RejectLog* rejects);

/// Every file that open_sink() and the RejectLog beside it make for `output`, with `output` first if it is a
/// file; none for streams.
std::vector<std::filesystem::path> output_files(const std::filesystem::path& output, SinkFormat format);

/// Where the rejects of an output go: OUT.rejects.jsonl with OUT's .csv/.parquet suffix removed;
/// OUT/rejects.jsonl for arrays (npy), OUT/_rejects.jsonl for parts ("OUT/", with the slash); empty for "-".
std::filesystem::path reject_log_path(const std::filesystem::path& output, SinkFormat format);

}  // namespace astrom3
