// SPDX-License-Identifier: MIT
#include "astrom3/encoder/model_identity.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/features/scaling.h"
#include "encoder/field_hash.h"

namespace astrom3 {
namespace {

void add_weights(FieldHash& hash, const Checkpoint& checkpoint) {
  hash.add("weights_file", checkpoint.sha256);
  hash.add("key_prefix", checkpoint.key_prefix);
  if (!checkpoint.sha256.empty()) return;
  for (const auto& [name, tensor] : checkpoint.tensors) hash.add(name, hash_of_values(tensor.data));
}

/// Every bit of the scaling's numbers as text, without the name of the file that they come from.
std::string described(const Scaling& scaling) {
  if (scaling.none) return "none";
  std::string text;
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    text += fmt::format("{}{:a},{:a};", scaling.log10[i] ? "log10," : "", scaling.mean[i], scaling.std[i]);
  return text;
}

}  // namespace

std::string model_identity(const Encoder& encoder, const Scaling* scaling) {
  FieldHash hash;
  hash.add("astrom3 model", "1");
  add_weights(hash, encoder.checkpoint());
  hash.add("config", deciding_config(encoder.config()));
  hash.add("scaling", scaling == nullptr ? "of the tensors" : described(*scaling));
  const AttentionOptions& attention = encoder.attention();
  hash.add("attention", attention_name(attention.form));
  if (attention.form == Attention::probsparse) hash.add("keys", hash_of_values(attention.key_samples));
  hash.add("precision", precision_name(encoder.precision()));
  return hash.finish();
}

}  // namespace astrom3
