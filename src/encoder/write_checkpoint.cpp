// SPDX-License-Identifier: MIT
//
// Writes a checkpoint from memory to its directory.
#include "encoder/write_checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "base/atomic_file.h"
#include "encoder/checkpoint_layout.h"
#include "formats/half.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

constexpr float kLargestF16 = 65504;

/// The names in upstream's order: the encoder's tensors, then those of the head where there is one; last our
/// own.
std::vector<std::string> ordered_names(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const TensorSpec& spec : encoder_tensors(checkpoint.config)) names.push_back(spec.name);
  if (checkpoint.has_head()) {
    for (const TensorSpec& spec : head_tensors(checkpoint.config)) names.push_back(spec.name);
  }
  for (const TensorSpec& spec : out_of_class_tensors(checkpoint.config)) {
    if (checkpoint.tensors.contains(spec.name)) names.push_back(spec.name);
  }
  return names;
}

void write_values(SafetensorsWriter& writer, const Tensor& tensor, WeightsDtype dtype) {
  if (dtype == WeightsDtype::f32) return writer.write(std::span<const float>(tensor.data));
  std::vector<std::uint16_t> halves(tensor.data.size());
  std::transform(tensor.data.begin(), tensor.data.end(), halves.begin(), f16_of_float);
  writer.write(std::as_bytes(std::span<const std::uint16_t>(halves)));
}

}  // namespace

std::vector<std::filesystem::path> checkpoint_files(const std::filesystem::path& directory) {
  return {directory / kConfigName, directory / kPreprocessorName, directory / kWeightsName};
}

void write_checkpoint_files(const std::filesystem::path& directory, const CheckpointContents& contents,
                            WeightsDtype dtype) {
  const std::filesystem::path weights = directory / kWeightsName;
  std::vector<TensorDeclaration> declarations;
  for (const auto& [name, tensor] : contents.tensors) {
    const bool fits = std::all_of(tensor->data.begin(), tensor->data.end(),
                                  [](float v) { return std::fabs(v) <= kLargestF16; });
    if (dtype == WeightsDtype::f16 && !fits) {
      throw Error(Diagnostic{.code = Status::output_error,
                             .file = weights.string(),
                             .column = name,
                             .message = "a weight beyond 65504 does not fit float16"});
    }
    declarations.push_back({name, dtype == WeightsDtype::f16 ? "F16" : "F32", tensor->shape});
  }
  AtomicFile config(directory / kConfigName);
  config.write(contents.config);
  std::vector<AtomicFile*> files{&config};
  std::optional<AtomicFile> preprocessing;
  std::vector<std::string> outdated;
  if (!contents.preprocessing) {
    outdated.emplace_back(kPreprocessorName);
  } else {
    preprocessing.emplace(directory / kPreprocessorName);
    preprocessing->write(*contents.preprocessing);
    files.push_back(&*preprocessing);
  }
  SafetensorsWriter writer(weights, declarations, contents.metadata);
  for (const auto& [name, tensor] : contents.tensors) write_values(writer, *tensor, dtype);
  files.push_back(&writer.complete_file());
  // All files are replaced together: new weights beside an old configuration or scaling would give wrong
  // numbers.
  commit_together(files, outdated);
}

void write_checkpoint(const std::filesystem::path& directory, const Checkpoint& checkpoint,
                      WeightsDtype dtype) {
  CheckpointContents contents{.config = to_json(checkpoint.config),
                              .preprocessing = {},
                              .tensors = {},
                              .metadata = checkpoint.metadata};
  if (checkpoint.scaling) contents.preprocessing = to_json(*checkpoint.scaling);
  for (const std::string& name : ordered_names(checkpoint))
    contents.tensors.emplace_back(name, &checkpoint.tensors.find(name)->second);
  write_checkpoint_files(directory, contents, dtype);
}

}  // namespace astrom3
