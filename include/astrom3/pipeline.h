// SPDX-License-Identifier: MIT
//
// Every stage in order: source -> light curve -> features -> tensor -> encoder -> sink.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/catalog.h"
#include "astrom3/encoder.h"
#include "astrom3/features.h"
#include "astrom3/light_curve.h"
#include "astrom3/sink.h"
#include "astrom3/source.h"
#include "astrom3/tensor.h"

namespace astrom3 {

/// How one light curve is treated, whatever it comes from and goes to.
struct ObjectOptions {
  CleaningOptions cleaning;
  FeatureOptions features;
  FeatureOverrides overrides;  ///< from --set; they come before the catalogue
  TensorOptions tensor;
  Scaling scaling = published_scaling();
  bool want_probabilities = false;  ///< of the head's classes; the encoder must have a head
};

/// How light curves are read and treated: the options that the command, C and Python have in common.
struct Treatment {
  SourceOptions reading;
  ObjectOptions object;                ///< its scaling is scaling_called() of the name below
  std::string scaling = "checkpoint";  ///< or published, none, or a file
};

/// Of reading and cleaning.
void declare_reading_options(Treatment& treatment, OptionTable& table);
/// Of features and the period search, and scaling.
void declare_feature_options(Treatment& treatment, OptionTable& table);
/// All of these, and those of tensors.
void declare_options(Treatment& treatment, OptionTable& table);

/// checkpoint  may be null; without a scaling of its own "checkpoint" is the published one
/// Throws Error bad_scaling where `name` is a file that cannot be used.
Scaling scaling_called(const std::string& name, const Checkpoint* checkpoint);

/// Everything computed for one object. Buffers are reused between objects.
struct ObjectResult {
  Status status = Status::ok;
  Diagnostic diagnostic;  ///< when status is not ok
  Flags flags;
  LightCurveSummary light_curve;
  Features features;
  TensorSummary tensor;
  std::vector<float> x_enc;          ///< [T, 9]; zeros when rejected
  std::vector<float> mask;           ///< [T]
  std::vector<float> mean;           ///< [D]
  std::vector<float> sequence;       ///< [T, D], when asked for
  std::vector<float> probabilities;  ///< [classes] softmax of the logits, when asked for
};

/// Seconds spent in each stage, summed over threads.
struct StageSeconds {
  double read = 0, clean = 0, features = 0, tensor = 0, encoder = 0, write = 0;
};

/// How far an object goes. Each stage includes the ones before.
enum class Stage : std::uint8_t { cleaning, features, tensor, embedding };

/// One light curve through the stages up to `last_stage`: the whole of astrom3 in one call.
///
/// light_curve   consumed (cleaned in place)
/// encoder       may be null unless last_stage is embedding; its seq_len is options.tensor.n_steps
/// seconds       if not null, the time of each stage is added to it
/// A light curve that cannot be embedded comes back with its status; nothing throws for it.
void embed_object(LightCurve& light_curve, const ObjectOptions& options, const FeatureOverrides& overrides,
                  Stage last_stage, const Encoder* encoder, bool want_sequence, ObjectResult& result,
                  StageSeconds* seconds = nullptr);

struct RunOptions {
  ObjectOptions object;
  Stage last_stage = Stage::embedding;
  bool want_sequence = false;
  std::size_t n_threads = 0;    ///< 0: all this process may use
  std::size_t batch_size = 16;  ///< light curves handed to a thread at a time
  bool strict = false;          ///< the first rejected object ends the run
  std::uint64_t max_rejects = UINT64_MAX;
  double max_reject_fraction = 1;  ///< judged at the end, and once 100 objects were seen
};

/// batch-size, strict, max-rejects.
void declare_options(RunOptions& options, OptionTable& table);

/// Range of the feature values that came from the catalogue.
struct GivenValues {
  std::uint64_t n = 0;
  std::array<double, kFeatureCount> min{}, max{};
};

struct RunSummary {
  std::uint64_t n_objects = 0;
  std::uint64_t n_ok = 0;
  std::map<Status, std::uint64_t> rejected;  ///< by code
  std::uint64_t n_observations = 0;
  DropCounts dropped;
  std::uint64_t n_duplicates = 0;
  GivenValues given_values;
  StageSeconds seconds;
  double wall_seconds = 0;
  std::vector<Diagnostic> warnings;
  std::vector<Diagnostic> first_rejects;  ///< up to 10
};

/// Called on the writing thread, at most ten times a second.
struct RunProgress {
  std::uint64_t n_objects = 0, n_rejected = 0, bytes_read = 0, bytes_total = 0;
  const std::map<Status, std::uint64_t>* rejected = nullptr;  ///< by code
};

/// Runs every object of `source` through the stages and writes one row each to `sink`, in input
/// order, and each rejection to `rejects`. Holds at most a few batches per thread. `sink` and
/// `rejects` are closed (made final) unless an error is thrown or `stop` was set.
///
/// catalog, rejects   may be null     encoder   null unless last_stage is embedding
/// stop      set from outside (signal) ends the run early with Error interrupted
/// Throws Error output_error, too_many_rejects, interrupted. Rows are the same bits for any
/// n_threads and batch_size.
RunSummary run_pipeline(Source& source, const Catalog* catalog, const Encoder* encoder,
                        const RunOptions& options, Sink& sink, RejectLog* rejects,
                        const std::atomic<bool>* stop = nullptr,
                        const std::function<void(const RunProgress&)>& progress = {});

/// The summary as one JSON object.
std::string summary_json(const RunSummary& summary, std::string_view output, const Identity& identity);

struct PartsOptions {
  std::filesystem::path folder;
  std::uint64_t objects_per_part = 1000;
  bool resume = false;  ///< go on with the run that is in the folder, or begin it
  bool force = false;   ///< give up the run that is in the folder
  bool lock = true;     ///< keep other processes out
  std::string shard{};  ///< which share of the inputs this is, for the manifest; may be empty
};

/// A run over `files` into a folder: part-000000.parquet, ... of objects_per_part objects each, in
/// input order; rejects.jsonl; manifest.jsonl; and at the end summary.json.
struct PartsRun {
  std::vector<std::filesystem::path> files;
  SourceOptions reading;
  const Catalog* catalog = nullptr;
  const Encoder* encoder = nullptr;
  RunOptions options;
  RowLayout layout;
  Identity identity;
  PartsOptions parts;
};

/// Makes the parts that are not there yet. Each is complete, on disk and in the manifest before the
/// next begins; whatever ends the run, what is finished stays, and the same call with `resume` makes
/// the rest: the bytes of parts, manifest and rejects are those of a run that nothing ended. Parts
/// that are gone or damaged are made again.
///
/// stop  set from outside ends the run after the part in hand with Error interrupted
/// Throws Error output_error also for a folder that is locked, holds another run (listing the
/// differences), or is not empty; and what run_pipeline() throws.
RunSummary run_parts(const PartsRun& run, const std::atomic<bool>* stop = nullptr,
                     const std::function<void(const RunProgress&)>& progress = {});

/// `astrom3 encode`: a safetensors file with x_enc [B, T, 9] and mask [B, T] (float32), or an
/// AstroM3Processed table (Parquet, `photometry` [N, 9] a row, cropped or padded to T), to a safetensors file
/// with any of mean [B, D], sequence [B, T, D], logits [B, classes] and the identity as metadata.
struct EncodeRequest {
  bool mean = true;
  bool sequence = true;
  bool logits = true;  ///< where there is a head
  std::size_t n_threads = 0;
};
/// Returns B. Throws Error bad_tensors naming tensor and index, nonfinite_output,
/// output_error. All outputs are held in memory until they are written.
std::size_t encode_file(const std::filesystem::path& input, const Encoder& encoder,
                        const EncodeRequest& request, const Identity& identity,
                        const std::filesystem::path& output);

/// The part of describe_run() that an encoder decides: model_sha256, model_trained, model_name (where its
/// metadata have one), attention (with attention_seed, or the sha256 of the draws given), precision.
Identity describe_encoder(const Encoder& encoder);

/// What every output says of itself: version, model_sha256, attention, precision, scaling, feature
/// policy and every option that changes a number. No times, host names or thread counts.
///
/// encoder   null for runs without one     catalog   the file, empty when there is none
Identity describe_run(const Encoder* encoder, const RunOptions& options, const SourceOptions& source_options,
                      const std::filesystem::path& catalog);

}  // namespace astrom3
