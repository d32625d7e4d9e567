// SPDX-License-Identifier: MIT
//
// The options of every command that reads light curves: declared once, turned into library options.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/astrom3.h"
#include "command.h"
#include "command_line.h"
#include "report.h"

namespace astrom3::cli {

/// The cache for downloads, and whether a connection may be made.
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

/// The options of a command that reads light curves.
struct RunArguments {
  CommonOptions common;
  ModelArguments model;

  std::vector<std::string> inputs;
  bool recursive = false;
  Treatment treatment;
  std::string catalog;

  std::string output, to;
  std::string output_kind = "mean";
  AttentionArguments attention;
  bool force = false, check = false, resume = false, lock = true, verify_inputs = false,
       spreadsheet_safe = false;
  std::uint64_t part_objects = 1000;
  std::optional<InputShard> shard;
  std::string progress = "auto";
  bool classify = false;  ///< classes of the head instead of the embedding

  std::uint32_t threads = 0;
  RunOptions run;
};

// Declaring.
void add_common_options(Command& command, CommonOptions& common);
void add_spreadsheet_option(Command& command, bool& spreadsheet_safe);
void add_threads_option(Command& command, std::uint32_t& threads);
void add_hub_options(Command& command, HubArguments& hub);
void add_model_options(Command& command, ModelArguments& model);
void add_attention_options(Command& command, AttentionArguments& attention, const char* default_form);
void add_precision_option(Command& command, std::string& precision);
void add_light_curve_options(Command& command, RunArguments& arguments);  ///< inputs, and how they are read
void add_optional_light_curve_options(Command& command,
                                      RunArguments& arguments);  ///< the same where there may be no inputs
void add_reading_options(Command& command, RunArguments& arguments);  ///< the latter alone, and cleaning
void add_feature_options(Command& command, RunArguments& arguments);
void add_run_options(Command& command, RunArguments& arguments);    ///< threads, limits
void add_parts_options(Command& command, RunArguments& arguments);  ///< of a run into a folder of parts

// Using.
ObjectOptions object_options(const RunArguments& arguments);  ///< all but the scaling
/// --shard, else, for a run into a folder, the share that follows from Slurm's job array.
InputShard chosen_shard(const RunArguments& arguments, bool into_folder);
RunOptions run_options(const RunArguments& arguments, Stage last_stage);
std::size_t thread_count(std::uint32_t threads, Verbosity verbosity);

/// Finds or downloads what "hf:REPO@REVISION" or "REPO@REVISION" names, with a line of progress on a
/// terminal.
HubCheckpoint fetch_model(const std::string& name, const HubArguments& hub, Verbosity verbosity);
/// Loads --model, or default_model() where it is empty, and says so; prints its warnings. Throws Error usage
/// when there is none.
std::shared_ptr<const Checkpoint> open_model(const ModelArguments& model, Verbosity verbosity);
/// `form` with --seed or --key-samples, of which one may be given, and only to probsparse. Throws Error
/// usage.
AttentionOptions attention_options(const AttentionArguments& arguments, Attention form,
                                   const EncoderConfig& config);
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
