// SPDX-License-Identifier: MIT
//
// The options of every command that reads light curves: declared once, turned into library options.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/astrom3.h"
#include "command.h"

namespace astrom3::cli {

/// Where downloads go, and whether there may be any.
struct HubArguments {
  std::string cache_dir;
  bool offline = false;
};

/// Which checkpoint, and how it is read.
struct ModelArguments {
  std::string model;
  std::string config;
  std::string key_prefix;
  std::string sha256;
  bool strict = false;
  HubArguments hub;
};

/// How the encoder computes: which form of attention, in which precision.
struct AttentionArguments {
  std::string form;  ///< empty: the command's own choice
  std::optional<std::uint64_t> seed;
  std::string key_samples;  ///< `encode` only: a safetensors file
  std::string precision = "float32";
};

/// As typed; parsed by the functions below after the command line is complete.
struct RunArguments {
  CommonOptions common;
  ModelArguments model;

  std::vector<std::string> inputs;
  bool recursive = false;
  std::string format = "auto", columns, nested, id_column, band, flux_unit, decimal = ".";
  std::optional<std::uint64_t> quality_mask;
  std::optional<std::size_t> hdu;
  std::optional<double> zero_point;
  bool d_exponent = false, unique_ids = false;
  std::string memory = "512M";

  std::string nonfinite = "reject", upper_limits = "reject", on_mad_zero = "reject";
  std::vector<double> null_values;
  std::optional<double> missing_error;
  std::size_t min_points = 2;
  bool allow_negative_error = false;
  double error_floor = 0;

  std::vector<std::string> set;
  std::string catalog, scaling = "checkpoint", rfr = "line", padding = "zeros";
  double period_min = 0.05, period_max = 0, oversampling = 4;
  std::size_t candidates = 40, harmonics = 6, alternates = 4;

  std::string output, to;
  std::string output_kind = "mean";
  AttentionArguments attention;
  bool force = false, check = false, resume = false, no_lock = false;
  long part_objects = 1000;
  std::string shard, progress = "auto";
  bool classify = false;  ///< classes of the head instead of the embedding

  long threads = 0;
  long batch_size = 16;
  bool strict = false;
  std::string max_rejects;
};

// Declaring.
void add_common_options(CLI::App& command, CommonOptions& common);
void add_threads_option(CLI::App& command, long& threads);
void add_hub_options(CLI::App& command, HubArguments& hub);
void add_model_options(CLI::App& command, ModelArguments& model);
void add_attention_options(CLI::App& command, AttentionArguments& attention, const char* default_form);
void add_precision_option(CLI::App& command, std::string& precision);
void add_light_curve_options(CLI::App& command, RunArguments& arguments);  ///< inputs, and how they are read
void add_reading_options(CLI::App& command, RunArguments& arguments);      ///< the latter alone, and cleaning
void add_feature_options(CLI::App& command, RunArguments& arguments);
void add_period_options(CLI::App& command, RunArguments& arguments);
void add_padding_option(CLI::App& command, RunArguments& arguments);
void add_run_options(CLI::App& command, RunArguments& arguments);  ///< threads, limits

// Parsing. Each throws Error usage naming the option.
SourceOptions source_options(const RunArguments& arguments);
ObjectOptions object_options(const RunArguments& arguments);  ///< all but the scaling
/// --shard, else, for a run into a folder, what Slurm says of its job array.
InputShard chosen_shard(const RunArguments& arguments, bool into_folder);
RunOptions run_options(const RunArguments& arguments, Stage last_stage);
std::size_t thread_count(long threads, Verbosity verbosity);
std::uint64_t parse_bytes(const std::string& text, const char* option);
/// A whole text as a number, in whatever locale; nothing where it is none.
std::optional<double> parse_number(std::string_view text);

/// Finds or downloads what "hf:REPO@REVISION" or "REPO@REVISION" names, with a line of progress on a
/// terminal.
HubCheckpoint fetch_model(const std::string& name, const HubArguments& hub, Verbosity verbosity);
/// Loads --model, or default_model() where it is empty, and says so; prints its warnings. Throws Error usage
/// when there is none.
std::shared_ptr<const Checkpoint> open_model(const ModelArguments& model, Verbosity verbosity);
/// The encoder of --model in --precision with --attention, or `default_form` where none was chosen
/// ("trained": the form the checkpoint was trained with). Says on stderr which form it is where that is not
/// the trained one.
std::unique_ptr<Encoder> open_encoder(std::shared_ptr<const Checkpoint> checkpoint,
                                      const AttentionArguments& attention, const CommonOptions& common,
                                      const char* default_form = "full");
/// --isa, ASTROM3_ISA, or the best.
Isa chosen_isa(const CommonOptions& common);
/// --scaling, given the checkpoint (may be null); says on stderr when it falls to `published`.
Scaling chosen_scaling(const RunArguments& arguments, const Checkpoint* checkpoint);

}  // namespace astrom3::cli
