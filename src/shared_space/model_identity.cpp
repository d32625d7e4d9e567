// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <string_view>

#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "encoder/field_hash.h"

namespace astrom3 {
namespace {

void add_tensors(FieldHash& hash, std::string_view of, const TensorMap& tensors) {
  for (const auto& [name, tensor] : tensors)
    hash.add(fmt::format("{}/{}", of, name), hash_of_values(tensor.data));
}

/// The hash of the file, or the tensors themselves for a checkpoint that is no file.
void add_weights(FieldHash& hash, const MultimodalCheckpoint& checkpoint) {
  hash.add("weights_file", checkpoint.sha256);
  hash.add("key_prefix", checkpoint.key_prefix);
  if (!checkpoint.sha256.empty()) return;
  if (checkpoint.photo != nullptr) add_tensors(hash, "photo", checkpoint.photo->tensors);
  add_tensors(hash, "spectra", checkpoint.spectra);
  add_tensors(hash, "metadata", checkpoint.metadata);
  add_tensors(hash, "space", checkpoint.space);
}

}  // namespace

std::string model_identity(const MultimodalEncoder& encoder, const std::string& inputs) {
  FieldHash hash;
  hash.add("astrom3 multimodal model", "1");
  add_weights(hash, encoder.checkpoint());
  hash.add("kind", checkpoint_kind_name(encoder.config().kind));
  hash.add("config", deciding_config(encoder.config()));
  hash.add("inputs", inputs);
  if (const Encoder* photo = encoder.photo(); photo != nullptr) {
    const AttentionOptions& attention = photo->attention();
    hash.add("attention", attention_name(attention.form));
    if (attention.form == Attention::probsparse) hash.add("keys", hash_of_values(attention.key_samples));
    hash.add("precision", precision_name(photo->precision()));
  }
  return hash.finish();
}

}  // namespace astrom3
