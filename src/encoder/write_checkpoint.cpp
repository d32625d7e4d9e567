// SPDX-License-Identifier: MIT
//
// A checkpoint in memory to its directory.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "astrom3/encoder/checkpoint.h"
#include "base/atomic_file.h"
#include "encoder/checkpoint_layout.h"
#include "formats/half.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

constexpr float kLargestF16 = 65504;

void write_text(const std::filesystem::path& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

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
  write_text(directory / "config.json", to_json(checkpoint.config));
  if (checkpoint.scaling) write_text(directory / "preprocessor_config.json", to_json(*checkpoint.scaling));
  SafetensorsWriter writer(weights, declarations, checkpoint.metadata);
  for (const TensorDeclaration& declaration : declarations)
    write_values(writer, checkpoint.tensors.find(declaration.name)->second, dtype);
  writer.commit();
}

}  // namespace astrom3
