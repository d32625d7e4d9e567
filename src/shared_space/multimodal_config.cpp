// SPDX-License-Identifier: MIT
#include "shared_space/multimodal_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/model_identity.h"
#include "astrom3/metadata_encoder/metadata_encoder.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "base/regular_file.h"
#include "encoder/config.h"
#include "encoder/config_values.h"
#include "encoder/weights_reader.h"
#include "formats/json.h"
#include "formats/json_writer.h"

namespace astrom3 {
namespace {

// No checkpoint is known beyond a fraction of these; they keep what a config can ask for below the memory of
// a laptop.
constexpr std::int64_t kMostClasses = 10'000, kMostChannels = 4096, kMostKernel = 255, kMostWindow = 64,
                       kMostInputs = 4096, kMostHidden = 16'384;
constexpr std::size_t kMostConvolutions = 16;

// Keys of the photo encoder's part that a config of the shared space has without the prefix "p_".
const std::vector<std::string_view> kPlainPhotoKeys{"classification", "num_classes", "seq_len",
                                                    "class_names",    "id2label",    "label2id"};

CheckpointKind kind_of(const ConfigValues& values) {
  for (const std::string_view key : {"p_d_model", "p_e_layers", "s_conv_channels", "m_input_dim", "fusion"})
    if (values.find(key) != nullptr) return CheckpointKind::shared;
  if (values.find("conv_channels") != nullptr) return CheckpointKind::spectra;
  if (values.find("input_dim") != nullptr) return CheckpointKind::metadata;
  return CheckpointKind::photo;
}

SpectraConfig read_spectra(ConfigValues values, std::string_view dropout) {
  SpectraConfig config;
  config.conv_channels = values.integers("conv_channels", 2, kMostConvolutions + 1, 1, kMostChannels);
  config.kernel_size = values.integer("kernel_size", 1, kMostKernel);
  config.mp_kernel_size = values.integer("mp_kernel_size", 1, kMostWindow);
  values.read_unused_fraction(dropout, config.dropout_rate);
  return config;
}

MetadataConfig read_metadata(ConfigValues values) {
  MetadataConfig config;
  config.input_dim = values.integer("input_dim", 1, kMostInputs);
  config.hidden_dim = values.integer("hidden_dim", 1, kMostHidden);
  values.read_unused_fraction("dropout", config.dropout);
  return config;
}

Fusion read_fusion(const ConfigValues& values) {
  const JsonValue* value = values.find("fusion");
  if (value == nullptr) values.fail("fusion", "missing; it must be \"avg\" or \"concat\"");
  const bool is_text = value->is(JsonKind::string);
  if (is_text && value->text == "avg") return Fusion::avg;
  if (is_text && value->text == "concat") return Fusion::concat;
  values.fail("fusion", fmt::format("must be \"avg\" or \"concat\", found {}", value->described()));
}

/// The keys that a config of that kind may have.
std::vector<std::string> known_keys(CheckpointKind kind) {
  std::vector<std::string> keys{"classification", "num_classes", "class_names", "id2label", "label2id"};
  const auto add = [&](const std::string& prefix, std::initializer_list<const char*> names) {
    for (const char* name : names) keys.push_back(prefix + name);
  };
  const bool is_shared = kind == CheckpointKind::shared;
  if (is_shared) {
    add("", {"hidden_dim", "fusion", "seq_len", "modalities"});
    for (const std::string_view key : photo_keys()) keys.push_back("p_" + std::string(key));
  }
  const std::string s = is_shared ? "s_" : "", m = is_shared ? "m_" : "";
  if (kind != CheckpointKind::metadata)
    add(s, {"conv_channels", "kernel_size", "mp_kernel_size", is_shared ? "dropout" : "dropout_rate"});
  if (kind != CheckpointKind::spectra) add(m, {"input_dim", "hidden_dim", "dropout"});
  return keys;
}

/// Which modalities a shared space has: all where the key, which is ours, is not there.
PerModality<bool> read_modalities(const ConfigValues& values, Fusion fusion) {
  const JsonValue* list = values.find("modalities");
  if (list == nullptr) return {true, true, true};
  if (!list->is(JsonKind::array))
    values.fail("modalities", fmt::format("must be an array, found {}", list->described()));
  PerModality<bool> there{};
  for (const JsonValue& element : list->elements) {
    const auto found = std::find_if(kModalities.begin(), kModalities.end(), [&](Modality modality) {
      return element.is(JsonKind::string) && element.text == modality_name(modality);
    });
    if (found == kModalities.end() || there[index_of(*found)])
      values.fail("modalities",
                  fmt::format("must hold \"photo\", \"spectra\", \"metadata\", each once; found {}",
                              element.described()));
    there[index_of(*found)] = true;
  }
  const auto n = static_cast<std::size_t>(std::count(there.begin(), there.end(), true));
  if (n < 2) values.fail("modalities", "names less than two: that is no shared space");
  if (n < kModalityCount && fusion == Fusion::concat)
    values.fail("modalities", "must be all three where \"fusion\" is \"concat\"");
  return there;
}

void read_shared(ConfigValues& values, MultimodalConfig& config) {
  config.hidden_dim = values.integer("hidden_dim", 1, kMostHidden);
  config.fusion = read_fusion(values);
  config.modalities = read_modalities(values, config.fusion);
  if (config.has(Modality::photo)) {
    ConfigValues photo = values.part("p_", kPlainPhotoKeys);
    config.photo = read_photo_config(photo);
    config.photo.classification = false;  // the head is that of all of them
    config.photo.class_names.clear();
  }
  if (config.has(Modality::spectra)) config.spectra = read_spectra(values.part("s_", {}), "dropout");
  if (config.has(Modality::metadata)) config.metadata = read_metadata(values.part("m_", {}));
}

}  // namespace

std::string_view checkpoint_kind_name(CheckpointKind kind) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"photo", "spectra", "metadata", "shared"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool MultimodalConfig::has(Modality modality) const noexcept {
  if (kind == CheckpointKind::shared) return modalities[index_of(modality)];
  return checkpoint_kind_name(kind) == modality_name(modality);
}

MultimodalConfig parse_multimodal_config(std::string_view text, const std::string& file,
                                         std::vector<Diagnostic>& warnings) {
  ConfigValues values(parse_json(text, {.code = Status::bad_config, .file = file}), file, warnings);
  MultimodalConfig config;
  config.kind = kind_of(values);
  if (config.kind == CheckpointKind::photo) {
    config.photo = parse_encoder_config(text, file, warnings);
    config.classification = config.photo.classification;
    config.num_classes = config.photo.num_classes;
    config.class_names = config.photo.class_names;
    return config;
  }
  const std::vector<std::string> known = known_keys(config.kind);
  values.report_unknown({known.begin(), known.end()});
  config.classification = values.classification();
  if (config.classification || values.find("num_classes") != nullptr)
    config.num_classes = values.integer("num_classes", 1, kMostClasses);
  config.class_names = values.class_names(config.num_classes);
  if (config.kind == CheckpointKind::spectra)
    config.spectra = read_spectra(values.part("", {}), "dropout_rate");
  if (config.kind == CheckpointKind::metadata) config.metadata = read_metadata(values.part("", {}));
  if (config.kind == CheckpointKind::shared) read_shared(values, config);
  return config;
}

MultimodalConfig read_multimodal_config(const std::filesystem::path& file,
                                        std::vector<Diagnostic>& warnings) {
  return parse_multimodal_config(read_text_file(file, kMaxConfigBytes, Status::bad_config), file.string(),
                                 warnings);
}

CheckpointKind checkpoint_kind(const std::filesystem::path& model, const std::filesystem::path& config) {
  const std::filesystem::path file =
      config.empty() ? find_weights(model).parent_path() / kConfigName : config;
  const std::string text = read_text_file(file, kMaxConfigBytes, Status::bad_config), name = file.string();
  std::vector<Diagnostic> ignored;
  return kind_of(ConfigValues(parse_json(text, {.code = Status::bad_config, .file = name}), name, ignored));
}

namespace {

void write_photo(JsonWriter& json, const EncoderConfig& c, bool with_unused) {
  json.member("seq_len", c.seq_len).member("p_enc_in", c.enc_in).member("p_d_model", c.d_model);
  if (with_unused)
    json.key("p_dropout").raw(json_number(c.dropout)).member("p_output_attention", c.output_attention);
  json.member("p_factor", c.factor)
      .member("p_n_heads", c.n_heads)
      .member("p_d_ff", c.d_ff)
      .member("p_activation", c.activation == Activation::relu ? "relu" : "gelu")
      .member("p_e_layers", c.e_layers);
}

void write_spectra(JsonWriter& json, const SpectraConfig& c, const std::string& prefix, bool with_unused) {
  json.key(prefix + "conv_channels").array(c.conv_channels, JsonLayout::line);
  json.member(prefix + "kernel_size", c.kernel_size).member(prefix + "mp_kernel_size", c.mp_kernel_size);
  if (with_unused)
    json.key(prefix.empty() ? "dropout_rate" : prefix + "dropout").raw(json_number(c.dropout_rate));
}

void write_metadata(JsonWriter& json, const MetadataConfig& c, const std::string& prefix, bool with_unused) {
  json.member(prefix + "input_dim", c.input_dim).member(prefix + "hidden_dim", c.hidden_dim);
  if (with_unused) json.key(prefix + "dropout").raw(json_number(c.dropout));
}

std::vector<std::string> names_of(const PerModality<bool>& modalities) {
  std::vector<std::string> names;
  for (const Modality modality : kModalities) {
    if (modalities[index_of(modality)]) names.emplace_back(modality_name(modality));
  }
  return names;
}

std::string written(const MultimodalConfig& c, JsonLayout layout, bool with_unused) {
  JsonWriter json(layout);
  const bool is_shared = c.kind == CheckpointKind::shared;
  json.begin_object().member("classification", c.classification).member("num_classes", c.num_classes);
  if (is_shared) {
    json.member("hidden_dim", c.hidden_dim).member("fusion", c.fusion == Fusion::avg ? "avg" : "concat");
    if (c.modalities != PerModality<bool>{true, true, true})
      json.key("modalities").array(names_of(c.modalities), JsonLayout::line);
    if (c.has(Modality::photo)) write_photo(json, c.photo, with_unused);
  }
  if (c.has(Modality::spectra)) write_spectra(json, c.spectra, is_shared ? "s_" : "", with_unused);
  if (c.has(Modality::metadata)) write_metadata(json, c.metadata, is_shared ? "m_" : "", with_unused);
  if (!c.class_names.empty()) json.key("class_names").array(c.class_names, JsonLayout::line);
  return json.end().take();
}

}  // namespace

std::string to_json(const MultimodalConfig& config) {
  if (config.kind == CheckpointKind::photo) return to_json(config.photo);
  return written(config, JsonLayout::block, true) + '\n';
}

std::string deciding_config(const MultimodalConfig& config) {
  if (config.kind == CheckpointKind::photo) return deciding_config(config.photo);
  return written(config, JsonLayout::line, false);
}

}  // namespace astrom3
