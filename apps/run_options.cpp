// SPDX-License-Identifier: MIT
#include "run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <thread>

namespace astrom3::cli {
namespace {

[[noreturn]] void bad_option(std::string_view option, std::string_view value, std::string_view expected) {
  throw Error(Status::usage, fmt::format("{} {}: expected {}", option, escaped(value), expected));
}

/// CLI11's own checks of a sign name the largest double in their message.
CLI::Validator number_check(const char* name, const char* expected, bool (*allowed)(double)) {
  return CLI::Validator(
      [expected, allowed](const std::string& text) {
        const std::optional<double> value = parse_number(text);
        return value && allowed(*value) ? "" : fmt::format("expected {}, found {}", expected, escaped(text));
      },
      name);
}

CLI::Validator not_negative() {
  return number_check("NONNEGATIVE", "a number not below 0",
                      [](double x) { return x >= 0 && std::isfinite(x); });
}

CLI::Validator positive() {
  return number_check("POSITIVE", "a number above 0", [](double x) { return x > 0 && std::isfinite(x); });
}

/// "time=hjd,mag=V" to a map of roles.
std::map<std::string, std::string> parse_columns(const std::string& text) {
  constexpr std::string_view kRoles[] = {"time", "mag", "mag_err", "flux", "flux_err", "band"};
  std::map<std::string, std::string> columns;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    const std::string_view role = pair.substr(0, equals);
    const bool known = std::find(std::begin(kRoles), std::end(kRoles), role) != std::end(kRoles);
    if (!known || equals == std::string_view::npos || equals + 1 == pair.size()) {
      bad_option("--columns", pair, "ROLE=NAME with a role of time, mag, mag_err, flux, flux_err, band");
    }
    columns[std::string(role)] = std::string(pair.substr(equals + 1));
  }
  return columns;
}

/// "rfr_score=0.9" or "rfr_score=z:0.392".
void parse_set(const std::string& text, FeatureOverrides& overrides) {
  constexpr std::string_view kExpected =
      "NAME=VALUE or NAME=z:VALUE with a name of amplitude, period, lksl_statistic, rfr_score";
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) bad_option("--set", text, kExpected);
  const std::string_view name = std::string_view(text).substr(0, equals);
  std::string_view number = std::string_view(text).substr(equals + 1);
  const bool standardised = number.starts_with("z:");
  if (standardised) number.remove_prefix(2);
  const std::optional<double> value = parse_number(number);
  if (!value.has_value() || !std::isfinite(*value)) bad_option("--set", text, kExpected);
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const auto feature = static_cast<Feature>(i);
    if (name != feature_name(feature)) continue;
    if (!standardised && feature == Feature::period && *value <= 0)
      bad_option("--set", text, "a period above 0");
    if (!standardised && feature == Feature::amplitude && *value < 0)
      bad_option("--set", text, "an amplitude >= 0");
    overrides[i] =
        FeatureOverride{.value = *value, .standardised = standardised, .source = FeatureSource::set};
    return;
  }
  bad_option("--set", text, kExpected);
}

FluxUnit parse_flux_unit(const std::string& text) {
  const std::map<std::string, FluxUnit> units{{"nJy", FluxUnit::nJy},
                                              {"uJy", FluxUnit::uJy},
                                              {"mJy", FluxUnit::mJy},
                                              {"Jy", FluxUnit::Jy},
                                              {"AB27.5", FluxUnit::AB27_5}};
  const auto found = units.find(text);
  if (found == units.end()) bad_option("--flux-unit", text, "nJy, uJy, mJy, Jy or AB27.5");
  return found->second;
}

MadZeroPolicy parse_mad_zero(const std::string& text) {
  if (text == "std") return MadZeroPolicy::standard_deviation;
  if (text == "meanad") return MadZeroPolicy::mean_absolute_deviation;
  return MadZeroPolicy::reject;
}

void parse_max_rejects(const std::string& text, RunOptions& options) {
  if (text.empty()) return;
  const bool percent = text.ends_with('%');
  const std::optional<double> value =
      parse_number(std::string_view(text).substr(0, text.size() - (percent ? 1 : 0)));
  if (!value.has_value() || !(*value >= 0) || (percent && *value > 100) ||
      (!percent && (*value != std::floor(*value) || *value > 1e15))) {
    bad_option("--max-rejects", text, "a count or a percentage such as 5%");
  }
  if (percent) {
    options.max_reject_fraction = *value / 100;
  } else {
    options.max_rejects = static_cast<std::uint64_t>(*value);
  }
}

}  // namespace

void add_common_options(CLI::App& command, CommonOptions& common) {
  command.add_flag("--json", common.json, "the summary as JSON on stdout (stderr where stdout carries data)");
  auto* quiet = command.add_flag("-q,--quiet", common.quiet, "errors only");
  command.add_flag("-v,--verbose", common.verbose, "say what is done")->excludes(quiet);
  command.add_option("--isa", common.isa,
                     isa_choice() + " (default: the best of this CPU; also ASTROM3_ISA)");
}

void add_threads_option(CLI::App& command, long& threads) {
  command.add_option("--threads", threads, "worker threads; 0: all this process may use")
      ->capture_default_str()
      ->check(not_negative());
}

void add_light_curve_options(CLI::App& command, RunArguments& a) {
  command
      .add_option("INPUT", a.inputs,
                  "light curves: survey tables, CSV or .dat (one object, or many with an object_id column),\n"
                  "plain, gzip or zstd; Parquet; FITS tables; as files, - for stdin, directories with -r,\n"
                  "HATS catalogues, quoted globs, @list.txt")
      ->required();
  add_reading_options(command, a);
}

namespace {

/// Where things are in a file.
void add_layout_options(CLI::App& command, RunArguments& a) {
  constexpr const char* kInput = "Input";
  command.add_flag("-r,--recursive", a.recursive, "descend into directories")->group(kInput);
  command
      .add_option("--format", a.format,
                  "auto (recognised by the columns), csv (no survey), or skypatrol1, skypatrol2, pyasassn,\n"
                  "asassn, ztf, ztf_dr, ztf_flagged, ztf_forced, alerce, alerce2, rubin, rubin_dia, gaia, "
                  "gaia_long,\n"
                  "atlas, crts, crts_match, asas3, kepler, tess, qlp, qlp_ksp, tglc, eleanor, superwasp, "
                  "superwasp_days,\n"
                  "aavso, aavso_report, and, for files without header, ogle, linear, macho, crts_catalog")
      ->group(kInput)
      ->capture_default_str();
  command
      .add_option("--columns", a.columns, "time=NAME,mag=NAME,... (field numbers where there is no header)")
      ->group(kInput);
  command.add_option("--nested", a.nested, "which list of a Parquet table, where several hold light curves")
      ->group(kInput);
  command
      .add_option("--hdu", a.hdu, "which table of a FITS file, where there are several (0: the primary HDU)")
      ->group(kInput);
  command.add_option("--id-column", a.id_column, "the column of object ids (default: object_id)")
      ->group(kInput);
}

/// What they mean, and how they are told apart.
void add_meaning_options(CLI::App& command, RunArguments& a) {
  constexpr const char* kInput = "Input";
  command
      .add_option("--band", a.band,
                  "select this band, or declare it where there is no band column; split: every band of an\n"
                  "object is one of its own, called ID:BAND")
      ->group(kInput);
  command.add_option("--zero-point", a.zero_point, "flux density in Jy of magnitude 0 (default: the band's)")
      ->group(kInput)
      ->check(positive());
  command
      .add_option("--flux-unit", a.flux_unit, "nJy, uJy, mJy, Jy or AB27.5 (default: the survey's, else mJy)")
      ->group(kInput);
  command.add_option("--decimal", a.decimal, "decimal separator")
      ->group(kInput)
      ->check(CLI::IsMember({".", ","}))
      ->capture_default_str();
  command.add_flag("--d-exponent", a.d_exponent, "accept Fortran exponents such as 2.45D6")->group(kInput);
  command.add_flag("--unique-ids", a.unique_ids, "an id in two files is an error")->group(kInput);
  command.add_option("--memory", a.memory, "how much of a table may be held to group its objects")
      ->group(kInput)
      ->capture_default_str();
}

void add_cleaning_options(CLI::App& command, RunArguments& a) {
  constexpr const char* kCleaning = "Cleaning (default: a bad value rejects its object, and is reported)";
  const CLI::IsMember policy({"reject", "drop"});
  command.add_option("--nonfinite", a.nonfinite, "NaN, infinite and missing values: reject or drop")
      ->group(kCleaning)
      ->check(policy)
      ->capture_default_str();
  command.add_option("--upper-limits", a.upper_limits, "values such as >17.2: reject or drop")
      ->group(kCleaning)
      ->check(policy)
      ->capture_default_str();
  command.add_option("--null-value", a.null_values, "a number that means \"not measured\"; repeatable")
      ->group(kCleaning)
      ->allow_extra_args(false);
  command
      .add_option(
          "--quality-mask", a.quality_mask,
          "bits of a survey's quality flags that drop an observation; 0: none (default: the format's)")
      ->group(kCleaning);
  command.add_option("--missing-error", a.missing_error, "the error where no column has one (flagged)")
      ->group(kCleaning)
      ->check(not_negative());
  command.add_option("--min-points", a.min_points, "fewest observations")
      ->group(kCleaning)
      ->check(CLI::Range(std::size_t{2}, std::size_t{10000000}))
      ->capture_default_str();
  command.add_flag("--allow-negative-error", a.allow_negative_error, "accept errors below zero")
      ->group(kCleaning);
  command
      .add_option("--on-mad-zero", a.on_mad_zero, "(nearly) constant flux: reject, or scale by std or meanad")
      ->group(kCleaning)
      ->check(CLI::IsMember({"reject", "std", "meanad"}))
      ->capture_default_str();
  command.add_option("--error-floor", a.error_floor, "magnitudes added to the errors in quadrature")
      ->group(kCleaning)
      ->check(not_negative())
      ->capture_default_str();
}

}  // namespace

void add_reading_options(CLI::App& command, RunArguments& a) {
  add_layout_options(command, a);
  add_meaning_options(command, a);
  add_cleaning_options(command, a);
}

void add_period_options(CLI::App& command, RunArguments& a) {
  constexpr const char* kGroup = "Period search";
  command.add_option("--period-min", a.period_min, "days")
      ->group(kGroup)
      ->capture_default_str()
      ->check(positive());
  command.add_option("--period-max", a.period_max, "days (default: 1000 or half the time span)")
      ->group(kGroup)
      ->check(positive());
  command.add_option("--oversampling", a.oversampling, "frequency steps per peak width")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::Range(1.0, 100.0));
  command.add_option("--candidates", a.candidates, "highest peaks that the harmonic model chooses from")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command.add_option("--harmonics", a.harmonics, "of that model")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::Range(1, 8));
}

void add_feature_options(CLI::App& command, RunArguments& a) {
  constexpr const char* kGroup = "Features (each: --set, else the catalogue's column, else computed)";
  command.add_option("--set", a.set, "NAME=VALUE (raw) or NAME=z:VALUE (standardised); repeatable")
      ->group(kGroup)
      ->allow_extra_args(false);
  command
      .add_option("--features", a.catalog,
                  "catalogue: CSV or Parquet with object_id and any of the four features")
      ->group(kGroup);
  command
      .add_option("--scaling", a.scaling,
                  "checkpoint, published, none, or a preprocessor_config.json / info.json")
      ->group(kGroup)
      ->capture_default_str();
  add_period_options(command, a);
  command.add_option("--rfr", a.rfr, "rfr_score from lksl_statistic (line) or a random forest (forest)")
      ->group(kGroup)
      ->check(CLI::IsMember({"line", "forest"}))
      ->capture_default_str();
}

void add_padding_option(CLI::App& command, RunArguments& a) {
  command.add_option("--padding", a.padding, "padded rows: zeros, or aux (channels 3-8 kept)")
      ->group("Output")
      ->check(CLI::IsMember({"zeros", "aux"}))
      ->capture_default_str();
}

void add_run_options(CLI::App& command, RunArguments& a) {
  constexpr const char* kGroup = "Run";
  add_threads_option(command, a.threads);
  command.add_option("--batch-size", a.batch_size, "light curves handed to a thread at a time")
      ->group(kGroup)
      ->check(CLI::Range(1L, 65536L))
      ->capture_default_str();
  auto* strict =
      command.add_flag("--strict", a.strict, "stop at the first rejected object (exit 3)")->group(kGroup);
  command.add_option("--max-rejects", a.max_rejects, "stop when more are rejected: N or P%")
      ->group(kGroup)
      ->excludes(strict);
  command.add_flag("--check", a.check, "validate the inputs only; nothing is written")->group(kGroup);
  auto* force = command
                    .add_flag("--force", a.force,
                              "write into an output directory that is not empty; a run there is given up")
                    ->group(kGroup);
  command.add_flag("--resume", a.resume, "-o DIR/: go on with the run in DIR, or begin it")
      ->group(kGroup)
      ->excludes(force);
  command
      .add_option("--part-objects", a.part_objects,
                  "-o DIR/: objects in a part; a part is what a crash can cost")
      ->group(kGroup)
      ->check(CLI::Range(1L, 100000000L))
      ->capture_default_str();
  command.add_flag("--no-lock", a.no_lock, "-o DIR/: on file systems without locks")->group(kGroup);
  command
      .add_option("--shard", a.shard,
                  "I/N: the I-th of N shares of the input files, chosen by name (default with -o DIR/: from\n"
                  "Slurm's array variables); the output goes into DIR/shard-I-of-N/")
      ->group(kGroup);
  command
      .add_option("--progress", a.progress,
                  "auto (a line on a terminal), json (a line every few seconds) or none")
      ->group(kGroup)
      ->check(CLI::IsMember({"auto", "json", "none"}))
      ->capture_default_str();
}

InputShard chosen_shard(const RunArguments& a, bool into_folder) {
  const auto number = [](std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
  };
  if (!a.shard.empty()) {
    const std::size_t slash = a.shard.find('/');
    const auto index = number(std::string_view(a.shard).substr(0, slash));
    const auto count =
        slash == std::string::npos ? std::nullopt : number(std::string_view(a.shard).substr(slash + 1));
    if (!index || !count || *index < 1 || *index > *count || *count > 1'000'000)
      bad_option("--shard", a.shard, "I/N with I from 1 to N");
    return {.index = *index - 1, .count = *count};
  }
  const auto variable = [&](const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? std::nullopt : number(text);
  };
  const auto id = variable("SLURM_ARRAY_TASK_ID");
  const auto count = variable("SLURM_ARRAY_TASK_COUNT");
  if (!into_folder || !id || !count || *count == 0) return {};
  const std::uint64_t first = variable("SLURM_ARRAY_TASK_MIN").value_or(0);
  const std::uint64_t step = std::max<std::uint64_t>(1, variable("SLURM_ARRAY_TASK_STEP").value_or(1));
  const std::uint64_t index = *id >= first ? (*id - first) / step : *count;
  if (index >= *count) {
    throw Error(Status::usage,
                fmt::format("Slurm's array task {} is not the {}-th of {} from {} in steps of {}", *id,
                            index + 1, *count, first, step),
                "say which share this is with --shard I/N");
  }
  return {.index = index, .count = *count};
}

SourceOptions source_options(const RunArguments& a) {
  SourceOptions options;
  options.columns = parse_columns(a.columns);
  options.nested = a.nested;
  options.hdu = a.hdu;
  options.id_column = a.id_column;
  options.format = a.format == "auto" ? "" : a.format;
  options.split_bands = a.band == "split";
  if (!options.split_bands) options.band = a.band;
  options.quality_mask = a.quality_mask;
  options.zero_point_jy = a.zero_point;
  if (!a.flux_unit.empty()) options.flux_unit = parse_flux_unit(a.flux_unit);
  options.upper_limits = a.upper_limits == "drop" ? UpperLimitPolicy::drop : UpperLimitPolicy::reject;
  options.nonfinite = a.nonfinite == "drop" ? NonfinitePolicy::drop : NonfinitePolicy::reject;
  options.null_values = a.null_values;
  options.missing_error = a.missing_error;
  options.decimal = a.decimal.front();
  options.d_exponent = a.d_exponent;
  options.memory_bytes = parse_bytes(a.memory, "--memory");
  options.unique_ids = a.unique_ids;
  return options;
}

ObjectOptions object_options(const RunArguments& a) {
  ObjectOptions options;
  options.cleaning =
      CleaningOptions{.min_points = a.min_points,
                      .nonfinite = a.nonfinite == "drop" ? NonfinitePolicy::drop : NonfinitePolicy::reject,
                      .allow_negative_error = a.allow_negative_error,
                      .on_mad_zero = parse_mad_zero(a.on_mad_zero),
                      .error_floor_mag = a.error_floor};
  options.features.period.period_min = a.period_min;
  options.features.period.period_max = a.period_max;
  options.features.period.oversampling = a.oversampling;
  options.features.period.n_candidates = a.candidates;
  options.features.period.n_harmonics = a.harmonics;
  options.features.period.n_alternates = a.alternates;
  if (a.period_max > 0 && a.period_max <= a.period_min) {
    bad_option("--period-max", fmt::format("{}", a.period_max), "more than --period-min");
  }
  options.features.rfr = a.rfr == "forest" ? RfrMethod::forest : RfrMethod::line;
  options.tensor.padding = a.padding == "aux" ? Padding::aux : Padding::zeros;
  for (const std::string& text : a.set) parse_set(text, options.overrides);
  return options;
}

RunOptions run_options(const RunArguments& a, Stage last_stage) {
  RunOptions options;
  options.object = object_options(a);
  options.last_stage = last_stage;
  options.n_threads = thread_count(a.threads, a.common.verbosity());
  options.batch_size = static_cast<std::size_t>(a.batch_size);
  options.strict = a.strict;
  parse_max_rejects(a.max_rejects, options);
  return options;
}

std::size_t thread_count(long threads, Verbosity verbosity) {
  const auto requested = static_cast<std::size_t>(threads);
  const std::size_t limit = 4 * std::max<std::size_t>(1, std::thread::hardware_concurrency());
  if (requested <= limit) return requested;
  print_note(
      fmt::format("warning: --threads {} is more than this machine can use; taking {}", requested, limit),
      verbosity);
  return limit;
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::uint64_t parse_bytes(const std::string& text, const char* option) {
  constexpr std::string_view kExpected = "a size such as 64M, 512M or 4G";
  std::string_view number = text;
  double unit = 1;
  if (!number.empty()) {
    const std::size_t power = std::string_view("kMGT").find(number.back());
    if (power != std::string_view::npos) {
      unit = std::pow(1024.0, static_cast<double>(power + 1));
      number.remove_suffix(1);
    }
  }
  const std::optional<double> value = parse_number(number);
  constexpr double kSmallest = 1 << 20;
  if (!value.has_value() || !(*value * unit >= kSmallest) || *value * unit > 1e15)
    bad_option(option, text, kExpected);
  return static_cast<std::uint64_t>(*value * unit);
}

Isa chosen_isa(const CommonOptions& common) {
  return common.isa.empty() ? default_isa() : parse_isa(common.isa);
}

Scaling chosen_scaling(const RunArguments& a, const Checkpoint* checkpoint) {
  if (a.scaling == "none") return no_scaling();
  if (a.scaling == "published") return published_scaling();
  if (a.scaling != "checkpoint") return read_scaling(a.scaling);
  if (checkpoint != nullptr && checkpoint->scaling.has_value()) return *checkpoint->scaling;
  print_note(
      checkpoint == nullptr
          ? "no checkpoint given: channels 3-6 are scaled by the published table"
          : "the checkpoint has no preprocessor_config.json: channels 3-6 are scaled by the published table",
      a.common.verbosity());
  return published_scaling();
}

}  // namespace astrom3::cli
