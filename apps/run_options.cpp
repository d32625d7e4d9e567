// SPDX-License-Identifier: MIT
#include "run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/scaling.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/pipeline/treatment.h"
#include "astrom3/source/source.h"
#include "command.h"
#include "command_line.h"
#include "report.h"

namespace astrom3::cli {
namespace {

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// "I/N", the I-th of N.
bool take_shard(std::string_view text, std::optional<InputShard>& shard) {
  constexpr std::uint64_t kMostShares = 1'000'000;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const auto index = whole_number(text.substr(0, slash)), count = whole_number(text.substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count || *count > kMostShares) return false;
  shard = InputShard{.index = *index - 1, .count = *count};
  return true;
}

}  // namespace

void add_common_options(Command& command, CommonOptions& common) {
  GroupOfOptions options = command.options.in({});
  options.add("json", common.json, "the summary as JSON on stdout (on stderr if stdout carries data)");
  options.add("quiet", common.quiet, "print no messages but errors").letter('q');
  options.add("verbose", common.verbose, "print more about what is done").letter('v');
  options.add("isa", common.isa, "")
      .help(isa_choice() + " (default: the best of this CPU; also ASTROM3_ISA)");
  command.exclude("verbose", "quiet");
}

void add_threads_option(Command& command, std::uint32_t& threads) {
  command.options.in({}).add("threads", threads, "worker threads; 0: as many as this process may use");
}

constexpr const char* kInputHelp =
    "light curves: survey tables, CSV or .dat (one object, or many with an object_id column),\n"
    "plain, gzip or zstd; Parquet; FITS tables; as files, - for stdin, directories with -r,\n"
    "HATS catalogues, quoted globs, @list.txt";

void add_light_curve_options(Command& command, RunArguments& a) {
  command.positionals("INPUT", a.inputs, kInputHelp);
  add_reading_options(command, a);
}

void add_optional_light_curve_options(Command& command, RunArguments& a) {
  command.optional_positionals("INPUT", a.inputs, kInputHelp);
  add_reading_options(command, a);
}

void add_reading_options(Command& command, RunArguments& a) {
  command.options.in(option_groups::kInput)
      .add("recursive", a.recursive, "read the files in directories and in the directories below them")
      .letter('r');
  declare_reading_options(a.treatment, command.options);
}

void add_feature_options(Command& command, RunArguments& a) {
  command.options.in(option_groups::kFeatures)
      .add("features", a.catalog,
           "catalogue of features: CSV or Parquet with object_id and any of the four features");
  declare_feature_options(a.treatment, command.options);
}

void add_spreadsheet_option(Command& command, bool& spreadsheet_safe) {
  command.options.in(option_groups::kRun)
      .add("spreadsheet-safe", spreadsheet_safe,
           "CSV: write a ' before ids and classes that a spreadsheet would take for formulas (= + - @)");
}

void add_run_options(Command& command, RunArguments& a) {
  add_threads_option(command, a.threads);
  declare_options(a.run, command.options);
  command.exclude("max-rejects", "strict");
  GroupOfOptions options = command.options.in(option_groups::kRun);
  options.add("check", a.check, "read and check the inputs only; nothing is written");
  options.add("force", a.force, "start anew in an output directory that is not empty; discard the run in it");
  options.add_word("progress", a.progress, {"auto", "json", "none"},
                   "auto (a line on a terminal), json (a line every few seconds) or none");
}

void add_parts_options(Command& command, RunArguments& a) {
  GroupOfOptions options = command.options.in(option_groups::kRun);
  options.add("resume", a.resume, "-o DIR/: continue the run in DIR, or start it if there is none");
  command.exclude("resume", "force");
  options.add("verify-inputs", a.verify_inputs,
              "-o DIR/ with --resume: compare every byte of the inputs (default: of large files only\n"
              "samples). Give this option from the start of the run");
  options.add("part-objects", a.part_objects, "-o DIR/: objects in a part; a crash loses one part at most")
      .within(1, 100'000'000);
  options.add("lock", a.lock, "lock the folder of -o DIR/ (some file systems have no locks)");
  options
      .add(
          "shard",
          {.set = [&a](std::string_view text) { return take_shard(text, a.shard); },
           .text =
               [&a] {
                 return a.shard ? fmt::format("{}/{}", a.shard->index + 1, a.shard->count) : std::string{};
               },
           .reset = [&a] { a.shard.reset(); }},
          "I/N: read the I-th of N shares of the input files, divided by their names (default with -o DIR/:\n"
          "from Slurm's array variables); the output goes into DIR/shard-I-of-N/")
      .expects("I/N with I from 1 to N");
}

InputShard chosen_shard(const RunArguments& a, bool into_folder) {
  if (a.shard) return *a.shard;
  const auto variable = [&](const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? std::nullopt : whole_number(text);
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

ObjectOptions object_options(const RunArguments& a) {
  check_together(a.treatment.object.features.period);
  return a.treatment.object;
}

RunOptions run_options(const RunArguments& a, Stage last_stage) {
  RunOptions options = a.run;
  options.object = object_options(a);
  options.last_stage = last_stage;
  options.n_threads = thread_count(a.threads, a.common.verbosity());
  return options;
}

std::size_t thread_count(std::uint32_t threads, Verbosity verbosity) {
  const std::size_t requested = threads;
  const std::size_t limit = 4 * std::max<std::size_t>(1, std::thread::hardware_concurrency());
  if (requested <= limit) return requested;
  print_note(
      fmt::format("warning: --threads {} is more than this machine can use; taking {}", requested, limit),
      verbosity);
  return limit;
}

Isa chosen_isa(const CommonOptions& common) {
  return common.isa.empty() ? default_isa() : parse_isa(common.isa);
}

Scaling chosen_scaling(const RunArguments& a, const Checkpoint* checkpoint) {
  if (a.treatment.scaling == "checkpoint" && (checkpoint == nullptr || !checkpoint->scaling)) {
    print_note(checkpoint == nullptr ? "no checkpoint given: channels 3-6 are scaled by the published table"
                                     : "the checkpoint has no preprocessor_config.json: channels 3-6 are "
                                       "scaled by the published table",
               a.common.verbosity());
  }
  return scaling_called(a.treatment.scaling, checkpoint);
}

}  // namespace astrom3::cli
