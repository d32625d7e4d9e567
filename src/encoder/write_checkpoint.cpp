// SPDX-License-Identifier: MIT
//
// A checkpoint in memory to its directory.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

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

/// Upstream's order: the encoder's tensors, then the head's where there is one.
std::vector<std::string> ordered_names(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const TensorSpec& spec : encoder_tensors(checkpoint.config)) names.push_back(spec.name);
  if (checkpoint.has_head()) {
    for (const TensorSpec& spec : head_tensors(checkpoint.config)) names.push_back(spec.name);
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
  return {directory / "config.json", directory / "preprocessor_config.json", directory / "model.safetensors"};
}

void write_checkpoint(const std::filesystem::path& directory, const Checkpoint& checkpoint,
                      WeightsDtype dtype) {
  const std::filesystem::path weights = directory / "model.safetensors";
  std::vector<TensorDeclaration> declarations;
  for (const std::string& name : ordered_names(checkpoint)) {
    const Tensor& tensor = checkpoint.tensors.find(name)->second;
    const bool fits = std::all_of(tensor.data.begin(), tensor.data.end(),
                                  [](float v) { return std::fabs(v) <= kLargestF16; });
    if (dtype == WeightsDtype::f16 && !fits) {
      throw Error(Diagnostic{.code = Status::output_error,
                             .file = weights.string(),
                             .column = name,
                             .message = "a weight beyond 65504 does not fit float16"});
    }
    declarations.push_back({name, dtype == WeightsDtype::f16 ? "F16" : "F32", tensor.shape});
  }
  AtomicFile config(directory / "config.json");
  config.write(to_json(checkpoint.config));
  std::vector<AtomicFile*> files{&config};
  std::optional<AtomicFile> scaling;
  std::vector<std::string> outdated;
  if (!checkpoint.scaling) {
    outdated.emplace_back("preprocessor_config.json");
  } else {
    scaling.emplace(directory / "preprocessor_config.json");
    scaling->write(to_json(*checkpoint.scaling));
    files.push_back(&*scaling);
  }
  SafetensorsWriter writer(weights, declarations, checkpoint.metadata);
  for (const TensorDeclaration& declaration : declarations)
    write_values(writer, checkpoint.tensors.find(declaration.name)->second, dtype);
  files.push_back(&writer.complete_file());
  // Weights with the configuration or the scaling of others would give wrong numbers.
  commit_together(files, outdated);
}

}  // namespace astrom3
