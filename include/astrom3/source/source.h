// SPDX-License-Identifier: MIT
//
// Reads light curves: from files of every supported format, one object at a time, in input order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/light_curve.h"

namespace astrom3 {

class OptionTable;

enum class FluxUnit : std::uint8_t { nJy, uJy, mJy, Jy, AB27_5 };
enum class TimeUnit : std::uint8_t { day, hour, minute, second, year };
enum class UpperLimitPolicy : std::uint8_t { reject, drop };

struct SourceOptions {
  /// A survey's format by name, "csv" for a table of no survey, "" or "auto" to recognise it.
  std::string format;
  /// Column roles by name: "time", "mag", "mag_err", "flux", "flux_err", "band". Overrides the
  /// recognised names. For headerless files the value is a 1-based field number; "-" for "band" says that no
  /// column holds bands.
  std::map<std::string, std::string> columns;
  bool magnitudes = false;              ///< read magnitudes, not fluxes, if a table has both
  std::string nested;                   ///< the list column to read, if several hold light curves
  std::optional<std::size_t> hdu;       ///< the table of a FITS file, counted from 0 (the primary HDU)
  std::string id_column;                ///< empty: found by its name; "-": the table is one object
  std::string band;                     ///< selects a band if a band column exists, else declares the band
  bool split_bands = false;             ///< each band is an object of its own, "<object_id>:<band>"
  std::optional<double> zero_point_jy;  ///< flux density of magnitude 0
  std::optional<FluxUnit> flux_unit;    ///< none: that of the column or survey, else mJy
  std::optional<TimeUnit> time_unit;    ///< none: that of the column or survey, else days
  std::optional<std::uint64_t> quality_mask;  ///< bits of a survey's flags that drop; none: its default
  /// "COLUMN=VALUE": rows with another value are left out, as of bad quality. If a column is named several
  /// times, each of its values is kept.
  std::vector<std::string> where;
  UpperLimitPolicy upper_limits = UpperLimitPolicy::reject;
  NonfinitePolicy nonfinite = NonfinitePolicy::reject;  ///< also missing values and inf in text
  std::vector<double> null_values;  ///< observations with one of them in a used column are dropped
  bool keep_sentinels = false;  ///< values such as 99.99 far from all others are flagged; they do not reject
  std::optional<double> missing_error;        ///< error (of flux or magnitude) if no column has errors
  char decimal = '.';                         ///< ',' as an option
  bool d_exponent = false;                    ///< accept 2.45D6
  std::uint64_t memory_bytes = 512ull << 20;  ///< memory for grouping the rows of a table by object
  bool unique_ids = false;                    ///< an object whose id was in an earlier file is rejected
};

/// Declares format, columns, nested, ...: every option of reading, under its name on the command line.
void declare_options(SourceOptions& options, OptionTable& table);
/// "512M" as bytes; nothing if the text is not a size of 1 MiB or more.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// Why a survey's own columns say that an observation is not a measurement.
enum class DropReason : std::uint8_t { quality, upper_limit, sentinel };

/// Observations left out while reading, by reason.
struct DropCounts {
  std::size_t nonfinite = 0, missing = 0, upper_limits = 0, null_values = 0, quality = 0, other_bands = 0;
  std::size_t missing_errors = 0;  ///< of these, observations that lack only a usable error
  /// The number of those that belong to the light curve, which are not of other bands.
  std::size_t total() const { return nonfinite + missing + upper_limits + null_values + quality; }
  void count(DropReason reason) {
    ++(reason == DropReason::quality       ? quality
       : reason == DropReason::upper_limit ? upper_limits
                                           : null_values);
  }
};

DropCounts& operator+=(DropCounts& total, const DropCounts& part);

/// One object as read: fluxes already in mJy, rows as in the file.
struct SourceObject {
  std::string object_id;
  std::string file;
  LightCurve light_curve;
  std::size_t n_raw = 0;  ///< rows of this object in the file (selected band), dropped ones included
  DropCounts dropped;
  Flags flags;
  double negative_error = 0;            ///< the first error below zero, as the table has it; 0: none
  std::size_t n_negative_errors = 0;    ///< how often this value occurs
  bool is_magnitude = false;            ///< the fluxes were made from magnitudes
  double zero_point_jy = 0;             ///< then flux = 1000 zero_point_jy 10^(-0.4 mag); otherwise 0
  std::string band;                     ///< as the file or the options name it; "" if they do not
  std::string unread_groups;            ///< with that flag: the column
  std::optional<Diagnostic> rejection;  ///< set: this object could not be read; light_curve is empty
};

/// What one column of a table is taken for.
struct ColumnDescription {
  std::string name;
  std::vector<std::string> roles{};  ///< "time", "flux", "quality rule", ...; empty: not used
  std::string unit{};                ///< as the table says it
  std::string reading{};  ///< how its values are converted: "to days, 24 are one"; or why it is not used
};

/// How a reader understood a file.
struct TableDescription {
  std::string format;  ///< as --format has it; "" when nothing was recognised
  std::string title;   ///< in words, with the layout
  std::vector<std::pair<std::string, std::string>> columns{};  ///< role, name
  std::vector<ColumnDescription> all_columns{};                ///< of the table, in its order
  std::string time_system{}, units{};
  std::vector<std::pair<std::string, std::size_t>> bands{};  ///< observations met so far
  std::vector<std::pair<std::string, std::size_t>> rules{};  ///< rules that drop rows, and how often so far
};

/// How far a source has been read: the file of the list, and the number of objects of that file.
struct SourcePosition {
  std::uint64_t file = 0;
  std::uint64_t object = 0;
};

/// Reads objects one by one. Not thread-safe; the pipeline reads on one thread.
class Source {
 public:
  virtual ~Source() = default;
  /// Reads the next object in input order; false at the end. A bad file or object gives a SourceObject with
  /// `rejection`; only options that make reading impossible throw.
  virtual bool next(SourceObject& object) = 0;
  /// Warnings gathered so far (each distinct one once); the call empties the list.
  virtual std::vector<Diagnostic> take_warnings() = 0;
  /// The position after the object that next() returned last.
  virtual SourcePosition position() const { return {}; }
  /// The current file, or the last one.
  virtual TableDescription describe() const = 0;
  /// Bytes read so far and in all (compressed, as on disk), for progress.
  virtual std::uint64_t bytes_read() const = 0;
  virtual std::uint64_t bytes_total() const = 0;
};

/// Opens `files` as one stream of objects. Formats are recognised by content, not by extension: tables of
/// surveys, ASAS-SN `.dat`, CSV with a header (one object, or many with an id column), each plain,
/// gzip or Zstandard; Parquet, with one row per observation or per object; FITS binary tables.
///
/// start  where to begin; objects before it in its file are read and skipped
std::unique_ptr<Source> open_source(std::vector<std::filesystem::path> files, const SourceOptions& options,
                                    SourcePosition start = {});

/// A light curve in a few numbers.
struct LightCurveSketch {
  std::string object_id;
  std::size_t n = 0;
  double span_days = 0;
  std::optional<double> median{};  ///< in `unit`; none if there is none, as for negative fluxes
  std::string unit{};              ///< "mag", as in the table; else "mJy"
};

/// What `astrom3 inspect` says about a file.
struct FileReport {
  std::string file;
  TableDescription table;
  std::uint64_t n_objects = 0;  ///< every band counts as one, unless the options choose a band
  std::uint64_t n_observations = 0, n_kept = 0;
  DropCounts dropped;
  std::map<Status, std::uint64_t> rejected;
  std::vector<Diagnostic> first_rejects;  ///< up to 5
  std::vector<Diagnostic> warnings;
  std::string first_id;
  std::uint64_t n_negative_errors = 0;  ///< objects with an error below zero, which embed would reject
  LightCurveSketch first{};             ///< of the first object that could be read
  bool has_times = false;
  double time_min = 0, time_max = 0;
};

/// Reads all of `file` and says what is in it. The report has the errors of the file; only options
/// that make reading impossible throw.
FileReport inspect_file(const std::filesystem::path& file, SourceOptions options);

/// One of `count` shares of the inputs: each file belongs to one share, which its name alone decides.
struct InputShard {
  std::uint64_t index = 0;  ///< 0-based
  std::uint64_t count = 1;
};

/// The files of a share, in the order of the inputs.
std::vector<std::filesystem::path> files_of_shard(std::vector<std::filesystem::path> files, InputShard shard);

struct InputExpansion {
  bool recursive = false;  ///< descend into directories
};

/// The files that the inputs of the command line name: files, directories (with `recursive`), `@list.txt`,
/// quoted globs, and "-" for stdin.
/// Sorted within a directory or glob; duplicates are kept once and reported in `warnings`.
/// Throws Error no_input naming the input that is missing or matched nothing.
std::vector<std::filesystem::path> expand_inputs(const std::vector<std::string>& inputs,
                                                 const InputExpansion& options,
                                                 std::vector<Diagnostic>& warnings);

}  // namespace astrom3
