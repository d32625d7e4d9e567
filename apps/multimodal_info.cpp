// SPDX-License-Identifier: MIT
//
// What astrom3 info says of a checkpoint of spectra, metadata or all modalities.
#include "multimodal_info.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "formats/json.h"
#include "formats/json_writer.h"
#include "report.h"

namespace astrom3::cli {
namespace {

std::string joined_numbers(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const std::int64_t n : numbers) text += fmt::format("{}{}", text.empty() ? "" : ",", n);
  return text;
}

std::vector<std::string> modalities_of(const MultimodalConfig& config) {
  std::vector<std::string> names;
  for (const Modality modality : kModalities) {
    if (config.has(modality)) names.emplace_back(modality_name(modality));
  }
  return names;
}

/// "spectra of 2538 to 2601 pixels".
std::string pixels_text(const MultimodalCheckpoint& c) {
  if (c.spectra_positions == 0) return "spectra of any number of pixels";
  const PixelRange range = pixels_for(c.config.spectra, c.spectra_positions);
  return fmt::format("spectra of {} to {} pixels", range.first, range.last);
}

void say(const char* name, const std::string& text) {
  print_lines(fmt::format("{:<11} {}", name, escaped(text, 4096)));
}

void print_encoders(const MultimodalCheckpoint& c) {
  const MultimodalConfig& config = c.config;
  if (config.has(Modality::photo)) {
    const EncoderConfig& p = config.photo;
    say("photo",
        fmt::format("seq_len {}, d_model {}, n_heads {}, e_layers {}, d_ff {}, {}", p.seq_len, p.d_model,
                    p.n_heads, p.e_layers, p.d_ff, p.activation == Activation::gelu ? "gelu" : "relu"));
  }
  if (config.has(Modality::spectra)) {
    const SpectraConfig& s = config.spectra;
    say("spectra", fmt::format("channels {}, kernel {}, maximum of {}; {}", joined_numbers(s.conv_channels),
                               s.kernel_size, s.mp_kernel_size, pixels_text(c)));
  }
  if (config.has(Modality::metadata))
    say("metadata",
        fmt::format("{} columns, hidden {}", config.metadata.input_dim, config.metadata.hidden_dim));
}

}  // namespace

void print_multimodal_text(const MultimodalCheckpoint& c) {
  const MultimodalConfig& config = c.config;
  say("weights", c.weights_file.string());
  say("sha256", c.sha256);
  say("kind", std::string(checkpoint_kind_name(config.kind)));
  say("parameters", fmt::format("{} in {} tensors", c.parameter_count, c.tensor_count));
  print_encoders(c);
  if (config.kind == CheckpointKind::shared) {
    say("space", fmt::format("{} numbers, fused by {}", config.hidden_dim,
                             config.fusion == Fusion::avg ? "their mean" : "concatenation"));
  }
  say("head", c.has_head() ? fmt::format("{} classes", config.num_classes) : "none");
  if (!c.is_trained()) say("trained", "no: random weights, embeddings mean nothing");
  if (config.has(Modality::photo))
    say("attention", fmt::format("trained with {}; {} by default", c.training_attention(),
                                 attention_name(default_attention(c))));
  for (const std::string& name : c.extra_tensors) say("not used", name);
  for (const auto& [key, value] : c.file_metadata) say("metadata", fmt::format("{} = {}", key, value));
}

void print_multimodal_json(const MultimodalCheckpoint& c) {
  JsonWriter json(JsonLayout::block);
  json.begin_object()
      .member("weights", c.weights_file.string())
      .member("sha256", c.sha256)
      .member("kind", checkpoint_kind_name(c.config.kind))
      .member("parameters", c.parameter_count)
      .member("tensors", c.tensor_count);
  json.key("modalities").array(modalities_of(c.config), JsonLayout::line);
  json.member("config", parse_json(deciding_config(c.config), JsonSource{}));
  json.member("head", c.has_head()).member("trained", c.is_trained());
  if (c.config.has(Modality::photo)) {
    json.member("training_attention", c.training_attention());
    json.member("default_attention", attention_name(default_attention(c)));
  }
  if (c.spectra_positions > 0) {
    const PixelRange range = pixels_for(c.config.spectra, c.spectra_positions);
    json.key("pixels").array(std::vector<std::size_t>{range.first, range.last}, JsonLayout::line);
  }
  json.key("extra_tensors").array(c.extra_tensors).key("metadata").object(c.file_metadata);
  print_json_line(json.end().take());
}

}  // namespace astrom3::cli
