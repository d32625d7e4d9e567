// SPDX-License-Identifier: MIT
//
// A checkpoint on disk: config.json, model.safetensors and, if it has one, its scaling.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/scaling.h"

namespace astrom3 {

enum class Activation : std::uint8_t { relu, gelu };

/// config.json. Names and ranges are upstream's; the defaults are the published values.
struct EncoderConfig {
  bool classification = true;
  std::int64_t num_classes = 10;
  std::int64_t seq_len = 200;            ///< T, 3..5000
  std::int64_t enc_in = 9;               ///< C, always 9
  std::int64_t d_model = 128;            ///< D, even
  double dropout = 0.14904317667318695;  ///< not used in inference
  std::int64_t factor = 1;               ///< of ProbSparse attention
  bool output_attention = false;         ///< not used in inference
  std::int64_t n_heads = 4;              ///< H, divides D
  std::int64_t d_ff = 512;
  Activation activation = Activation::gelu;
  std::int64_t e_layers = 8;
  std::vector<std::string> class_names;  ///< empty: class_names() names them
};

/// The names of the head's classes, in the order of `logits`: the configuration's, else the alphabetical ten
/// of the published checkpoints (DSCT EA EB EW HADS M ROT RRAB RRC SR) if there are ten, else their
/// indices in digits: "0", "1", ...
std::vector<std::string> class_names(const EncoderConfig& config);

/// A tensor widened (or, from F64, narrowed) to float32. Row-major.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> data;
  std::string dtype;  ///< as stored: "F32", "F16", "BF16", "F64"
};

struct CheckpointOptions {
  std::filesystem::path config{};  ///< default: config.json beside the weights
  std::string key_prefix{};        ///< removed from tensor names, e.g. "photometry_encoder."
  bool strict = false;             ///< unexpected tensors are errors
  std::string expected_sha256{};   ///< of model.safetensors; empty: not checked
};

/// Immutable after loading; share it freely between threads.
struct Checkpoint {
  std::filesystem::path directory;
  std::filesystem::path weights_file;
  EncoderConfig config;
  std::map<std::string, Tensor, std::less<>> tensors;  ///< upstream's names; of the head only if it has one
  std::map<std::string, std::string> metadata;         ///< safetensors __metadata__
  std::optional<Scaling> scaling;                      ///< from preprocessor_config.json
  std::string sha256;                                  ///< of model.safetensors, lower-case hex
  std::string key_prefix;                              ///< of its names in that file
  std::uint64_t parameter_count = 0;                   ///< without the stored positions
  std::vector<std::string> extra_tensors;              ///< in the file, but not used
  std::vector<Diagnostic> warnings;

  bool has_head() const;                   ///< classification: tensors of the head are there
  std::size_t class_count() const;         ///< of the head; 0 without one
  bool is_trained() const;                 ///< false when metadata says `astrom3.trained = false`
  std::string training_attention() const;  ///< metadata `astrom3.attention`, else "probsparse"
};

/// Loads and validates a checkpoint: a directory, or a `.safetensors` file with config.json beside.
/// Nothing is trusted: every offset, shape, name and value is checked before it is used.
/// Throws Error bad_model, bad_config or bad_scaling naming file, tensor or JSON pointer.
std::shared_ptr<const Checkpoint> load_checkpoint(const std::filesystem::path& model,
                                                  const CheckpointOptions& options = {});

/// A checkpoint with random weights (as PyTorch would initialise them), marked untrained in its
/// metadata; written to `directory` as config.json, model.safetensors, preprocessor_config.json.
/// The same seed gives the same bytes. Throws Error output_error, or bad_config.
void write_random_checkpoint(const std::filesystem::path& directory, const EncoderConfig& config,
                             std::uint64_t seed, const Scaling& scaling);

/// The type of the weights on disk.
enum class WeightsDtype : std::uint8_t { f32, f16 };

/// The files of a checkpoint that are written into `directory`.
std::vector<std::filesystem::path> checkpoint_files(const std::filesystem::path& directory);

/// Writes config.json, preprocessor_config.json (if there is a scaling) and, last, model.safetensors into
/// `directory`, which must exist; existing files of these names are replaced, all of them or none. The same
/// checkpoint gives the same bytes. f16: rounded to nearest. Throws Error output_error, also for a weight
/// that does not fit.
void write_checkpoint(const std::filesystem::path& directory, const Checkpoint& checkpoint,
                      WeightsDtype dtype = WeightsDtype::f32);

/// Reads a config.json; unknown keys are reported in `warnings`. Throws Error bad_config.
EncoderConfig read_encoder_config(const std::filesystem::path& file, std::vector<Diagnostic>& warnings);

/// The text of a config.json with upstream's keys.
std::string to_json(const EncoderConfig& config);

}  // namespace astrom3
