// SPDX-License-Identifier: MIT
#include "encoder/config.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/model_identity.h"
#include "astrom3/tensor.h"
#include "base/regular_file.h"
#include "encoder/config_values.h"
#include "formats/json.h"
#include "formats/json_writer.h"

namespace astrom3 {
namespace {

/// An integer key: the member that takes its value, and the range of its value.
struct IntegerKey {
  std::string_view name;
  std::int64_t EncoderConfig::*member;
  std::int64_t min;
  std::int64_t max;
};

constexpr auto kInputs = static_cast<std::int64_t>(kChannels);
// seq_len: below 3 upstream's distilling code fails; the position buffer has 5000 rows.
// num_classes: upstream has no limit; with this limit the head fits the memory of a laptop.
constexpr std::array kIntegerKeys{
    IntegerKey{"num_classes", &EncoderConfig::num_classes, 1, 10'000},
    IntegerKey{"seq_len", &EncoderConfig::seq_len, 3, 5000},
    IntegerKey{"enc_in", &EncoderConfig::enc_in, kInputs, kInputs},
    IntegerKey{"d_model", &EncoderConfig::d_model, 1, 4096},
    IntegerKey{"factor", &EncoderConfig::factor, 1, 100},
    IntegerKey{"n_heads", &EncoderConfig::n_heads, 1, 64},
    IntegerKey{"d_ff", &EncoderConfig::d_ff, 1, 16384},
    IntegerKey{"e_layers", &EncoderConfig::e_layers, 1, 64},
};
constexpr std::array<std::string_view, 7> kOtherKeys{
    "classification", "dropout", "output_attention", "activation", "class_names", "id2label", "label2id"};
constexpr std::array<std::string_view, 3> kClipKeys{"p_d_model", "p_e_layers", "p_n_heads"};

/// Reads the configuration of a photo encoder.
class ConfigReader {
 public:
  explicit ConfigReader(ConfigValues& values) : values_(values) {}

  EncoderConfig read() {
    EncoderConfig config;
    config.classification = values_.classification();
    for (const IntegerKey& key : kIntegerKeys) read_integer(key, config);
    read_activation(config);
    values_.read_unused_fraction("dropout", config.dropout);
    read_output_attention(config);
    check_relations(config);
    config.class_names = values_.class_names(config.num_classes);
    return config;
  }

 private:
  void read_integer(const IntegerKey& key, EncoderConfig& config) {
    // A checkpoint without a head does not use the number of classes.
    if (key.name == "num_classes" && !config.classification && values_.find(key.name) == nullptr) return;
    config.*key.member = values_.integer(
        key.name, key.min, key.max,
        key.min == key.max ? fmt::format("must be {0}: light-curve features are {0}", key.max) : "");
  }

  void read_activation(EncoderConfig& config) const {
    const JsonValue* value = values_.find("activation");
    if (value == nullptr) values_.fail("activation", "missing; it must be \"relu\" or \"gelu\"");
    const bool is_relu = value->is(JsonKind::string) && value->text == "relu";
    const bool is_gelu = value->is(JsonKind::string) && value->text == "gelu";
    if (!is_relu && !is_gelu) {
      values_.fail("activation", fmt::format("must be \"relu\" or \"gelu\", found {}", value->described()));
    }
    config.activation = is_relu ? Activation::relu : Activation::gelu;
  }

  /// Only training uses this key, so that a value of another type is a warning and no error.
  void read_output_attention(EncoderConfig& config) {
    const JsonValue* value = values_.find("output_attention");
    if (value == nullptr) return;
    if (value->is(JsonKind::boolean)) {
      config.output_attention = value->boolean;
    } else {
      values_.warn("output_attention", fmt::format("should be true or false, found {}; not used in inference",
                                                   value->described()));
    }
  }

  void check_relations(const EncoderConfig& config) const {
    if (config.d_model % 2 != 0) {
      values_.fail("d_model",
                   fmt::format("must be even (sine and cosine positions), found {}", config.d_model));
    }
    if (config.d_model % config.n_heads != 0) {
      values_.fail("n_heads",
                   fmt::format("must divide d_model = {}, found {}", config.d_model, config.n_heads));
    }
  }

  ConfigValues& values_;
};

/// Throws where the configuration belongs to another kind of checkpoint.
void require_photo(const ConfigValues& values) {
  for (const std::string_view key : kClipKeys) {
    if (values.find(key) == nullptr) continue;
    values.fail(key, "is not a key of a photo encoder's config",
                {"this looks like an AstroM3 CLIP config; write a config.json with the photo encoder's keys "
                 "(p_d_model becomes d_model, ...) and name it with {}",
                 {{"config"}}});
  }
}

}  // namespace

std::vector<std::string> class_names(const EncoderConfig& config) {
  if (!config.class_names.empty()) return config.class_names;
  if (config.num_classes == 10) return {"DSCT", "EA", "EB", "EW", "HADS", "M", "ROT", "RRAB", "RRC", "SR"};
  std::vector<std::string> numbers;
  for (std::int64_t i = 0; i < config.num_classes; ++i) numbers.push_back(fmt::format("{}", i));
  return numbers;
}

std::vector<std::string_view> photo_keys() {
  std::vector<std::string_view> keys(kOtherKeys.begin(), kOtherKeys.end());
  for (const IntegerKey& key : kIntegerKeys) keys.push_back(key.name);
  return keys;
}

EncoderConfig read_photo_config(ConfigValues& values) {
  return ConfigReader(values).read();
}

EncoderConfig parse_encoder_config(std::string_view text, const std::string& file,
                                   std::vector<Diagnostic>& warnings) {
  if (text.size() > kMaxConfigBytes) {
    throw Error(
        Diagnostic{.code = Status::bad_config,
                   .file = file,
                   .message = fmt::format("is {} bytes; at most {} are read", text.size(), kMaxConfigBytes)});
  }
  ConfigValues values(parse_json(text, {.code = Status::bad_config, .file = file}), file, warnings);
  require_photo(values);
  values.report_unknown(photo_keys());
  return ConfigReader(values).read();
}

EncoderConfig read_encoder_config(const std::filesystem::path& file, std::vector<Diagnostic>& warnings) {
  return parse_encoder_config(read_text_file(file, kMaxConfigBytes, Status::bad_config), file.string(),
                              warnings);
}

namespace {

std::string written(const EncoderConfig& config, JsonLayout layout) {
  JsonWriter json(layout);
  json.begin_object()
      .member("classification", config.classification)
      .member("num_classes", config.num_classes)
      .member("seq_len", config.seq_len)
      .member("enc_in", config.enc_in)
      .member("d_model", config.d_model)
      .key("dropout")
      .raw(json_number(config.dropout))
      .member("factor", config.factor)
      .member("output_attention", config.output_attention)
      .member("n_heads", config.n_heads)
      .member("d_ff", config.d_ff)
      .member("activation", config.activation == Activation::relu ? "relu" : "gelu")
      .member("e_layers", config.e_layers);
  if (!config.class_names.empty()) json.key("class_names").array(config.class_names, JsonLayout::line);
  return json.end().take();
}

}  // namespace

std::string to_json(const EncoderConfig& config) {
  return written(config, JsonLayout::block) + '\n';
}

std::string deciding_config(const EncoderConfig& config) {
  EncoderConfig deciding = config;
  deciding.dropout = EncoderConfig{}.dropout;
  deciding.output_attention = EncoderConfig{}.output_attention;
  return written(deciding, JsonLayout::line);
}

}  // namespace astrom3
