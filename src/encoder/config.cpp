// SPDX-License-Identifier: MIT
#include "encoder/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/model_identity.h"
#include "astrom3/tensor.h"
#include "base/joined.h"
#include "base/regular_file.h"
#include "formats/json.h"
#include "formats/json_writer.h"

namespace astrom3 {
namespace {

/// An integer key: where it goes and what it may be.
struct IntegerKey {
  std::string_view name;
  std::int64_t EncoderConfig::*member;
  std::int64_t min;
  std::int64_t max;
};

constexpr auto kInputs = static_cast<std::int64_t>(kChannels);
// seq_len: below 3 upstream's distilling code fails; the position buffer has 5000 rows.
// num_classes has no limit upstream; this one keeps the head below the memory of a laptop.
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

/// Reads one config.json; holds what every message needs.
class ConfigReader {
 public:
  ConfigReader(const std::string& file, std::vector<Diagnostic>& warnings)
      : file_(file), warnings_(warnings) {}

  EncoderConfig read(const JsonValue& root) {
    if (!root.is(JsonKind::object)) fail("", fmt::format("must be an object, found {}", root.described()));
    for (const std::string_view key : kClipKeys) {
      if (root.find(key) == nullptr) continue;
      fail(json_pointer("", key), "is not a key of a photo encoder's config",
           {"this looks like an AstroM3 CLIP config; write a config.json with the photo encoder's keys "
            "(p_d_model becomes d_model, ...) and name it with {}",
            {{"config"}}});
    }
    report_unknown_keys(root);
    EncoderConfig config;
    read_classification(root, config);
    for (const IntegerKey& key : kIntegerKeys) read_integer(root, key, config);
    read_activation(root, config);
    check_unused(root, config);
    check_relations(config);
    read_class_names(root, config);
    return config;
  }

 private:
  [[noreturn]] void fail(std::string pointer, std::string message, Hint hint = {}) const {
    throw Error(Diagnostic{.code = Status::bad_config,
                           .file = file_,
                           .column = std::move(pointer),
                           .message = std::move(message),
                           .hint = std::move(hint)});
  }

  void warn(std::string pointer, std::string message) {
    warnings_.push_back(Diagnostic{.code = Status::bad_config,
                                   .file = file_,
                                   .column = std::move(pointer),
                                   .message = std::move(message)});
  }

  void report_unknown_keys(const JsonValue& root) {
    std::vector<std::string> unknown;
    for (const std::string& key : root.keys) {
      const bool known = std::find(kOtherKeys.begin(), kOtherKeys.end(), key) != kOtherKeys.end() ||
                         std::any_of(kIntegerKeys.begin(), kIntegerKeys.end(),
                                     [&](const IntegerKey& integer) { return integer.name == key; });
      if (!known) unknown.push_back(fmt::format("\"{}\"", escaped(key)));
    }
    if (!unknown.empty()) warn("", fmt::format("unknown keys, ignored: {}", joined(unknown, ", ")));
  }

  void read_classification(const JsonValue& root, EncoderConfig& config) const {
    const JsonValue* value = root.find("classification");
    if (value == nullptr) {
      config.classification = false;
      return;
    }
    if (!value->is(JsonKind::boolean)) {
      fail("/classification", fmt::format("must be true or false, found {}", value->described()));
    }
    config.classification = value->boolean;
  }

  void read_integer(const JsonValue& root, const IntegerKey& key, EncoderConfig& config) {
    const std::string pointer = json_pointer("", key.name);
    const std::string range = key.min == key.max
                                  ? fmt::format("must be {0}: light-curve features are {0}", key.max)
                                  : fmt::format("must be {} to {}", key.min, key.max);
    const JsonValue* value = root.find(key.name);
    if (value == nullptr) {
      if (key.name == "num_classes" && !config.classification) return;  // not used without a head
      fail(pointer, fmt::format("missing; it {}", range));
    }
    const std::optional<double> whole = whole_number(*value);
    if (!whole) {
      fail(pointer,
           fmt::format("must be an integer ({} to {}), found {}", key.min, key.max, value->described()));
    }
    if (!(*whole >= static_cast<double>(key.min) && *whole <= static_cast<double>(key.max))) {
      fail(pointer, fmt::format("{}, found {}", range, value->described()));
    }
    if (value->is(JsonKind::floating))
      warn(pointer, fmt::format("{} is read as an integer", value->described()));
    config.*key.member = static_cast<std::int64_t>(*whole);
  }

  /// The value of 128 or 128.0, also beyond 64 bits; nothing for 128.5, 1e2, "128", true.
  static std::optional<double> whole_number(const JsonValue& value) {
    if (!value.is_number()) return std::nullopt;
    const std::string_view text = value.text;
    const std::size_t point = text.find('.');
    if (text.find_first_of("eE") != std::string_view::npos) return std::nullopt;
    if (point != std::string_view::npos && text.find_first_not_of('0', point + 1) != std::string_view::npos) {
      return std::nullopt;
    }
    return value.number;
  }

  void read_activation(const JsonValue& root, EncoderConfig& config) const {
    const JsonValue* value = root.find("activation");
    if (value == nullptr) fail("/activation", "missing; it must be \"relu\" or \"gelu\"");
    const bool is_relu = value->is(JsonKind::string) && value->text == "relu";
    const bool is_gelu = value->is(JsonKind::string) && value->text == "gelu";
    if (!is_relu && !is_gelu) {
      fail("/activation", fmt::format("must be \"relu\" or \"gelu\", found {}", value->described()));
    }
    config.activation = is_relu ? Activation::relu : Activation::gelu;
  }

  /// Keys of training: kept where they make sense, a warning where they do not.
  void check_unused(const JsonValue& root, EncoderConfig& config) {
    if (const JsonValue* value = root.find("dropout"); value != nullptr) {
      if (value->is_number() && value->number >= 0 && value->number <= 1) {
        config.dropout = value->number;
      } else {
        warn("/dropout", fmt::format("should be a number from 0 to 1, found {}; not used in inference",
                                     value->described()));
      }
    }
    if (const JsonValue* value = root.find("output_attention"); value != nullptr) {
      if (value->is(JsonKind::boolean)) {
        config.output_attention = value->boolean;
      } else {
        warn("/output_attention",
             fmt::format("should be true or false, found {}; not used in inference", value->described()));
      }
    }
  }

  void check_relations(const EncoderConfig& config) const {
    if (config.d_model % 2 != 0) {
      fail("/d_model", fmt::format("must be even (sine and cosine positions), found {}", config.d_model));
    }
    if (config.d_model % config.n_heads != 0) {
      fail("/n_heads", fmt::format("must divide d_model = {}, found {}", config.d_model, config.n_heads));
    }
  }

  /// `class_names`, ours, must fit; Hugging Face's `id2label` is taken where it fits.
  void read_class_names(const JsonValue& root, EncoderConfig& config) {
    if (const JsonValue* names = root.find("class_names"); names != nullptr) {
      if (!names->is(JsonKind::array)) {
        fail("/class_names", fmt::format("must be an array of strings, found {}", names->described()));
      }
      if (const std::string problem = take_names(names->elements, config); !problem.empty()) {
        fail("/class_names", problem);
      }
      return;
    }
    const JsonValue* labels = root.find("id2label");
    if (labels == nullptr) return;
    std::vector<JsonValue> in_order;
    for (std::size_t id = 0; id < labels->elements.size(); ++id) {
      if (const JsonValue* label = labels->find(fmt::format("{}", id)); label != nullptr) {
        in_order.push_back(*label);
      }
    }
    const bool is_list = labels->is(JsonKind::object) && in_order.size() == labels->elements.size();
    const std::string problem =
        is_list ? take_names(in_order, config) : "must be an object of \"0\", \"1\", ...";
    if (!problem.empty()) warn("/id2label", problem + "; ignored");
  }

  /// Sets class_names, or returns what is wrong with `names`.
  static std::string take_names(const std::vector<JsonValue>& names, EncoderConfig& config) {
    if (names.size() != static_cast<std::size_t>(config.num_classes)) {
      return fmt::format("has {} names, num_classes is {}", names.size(), config.num_classes);
    }
    std::set<std::string> seen;
    for (const JsonValue& name : names) {
      if (!name.is(JsonKind::string) || name.text.empty()) {
        return fmt::format("must hold non-empty strings, found {}", name.described());
      }
      if (!seen.insert(name.text).second) return fmt::format("holds {} twice", name.described());
    }
    for (const JsonValue& name : names) config.class_names.push_back(name.text);
    return {};
  }

  const std::string& file_;
  std::vector<Diagnostic>& warnings_;
};

}  // namespace

std::vector<std::string> class_names(const EncoderConfig& config) {
  if (!config.class_names.empty()) return config.class_names;
  if (config.num_classes == 10) return {"DSCT", "EA", "EB", "EW", "HADS", "M", "ROT", "RRAB", "RRC", "SR"};
  std::vector<std::string> numbers;
  for (std::int64_t i = 0; i < config.num_classes; ++i) numbers.push_back(fmt::format("{}", i));
  return numbers;
}

EncoderConfig parse_encoder_config(std::string_view text, const std::string& file,
                                   std::vector<Diagnostic>& warnings) {
  if (text.size() > kMaxConfigBytes) {
    throw Error(
        Diagnostic{.code = Status::bad_config,
                   .file = file,
                   .message = fmt::format("is {} bytes; at most {} are read", text.size(), kMaxConfigBytes)});
  }
  const JsonValue root = parse_json(text, {.code = Status::bad_config, .file = file});
  return ConfigReader(file, warnings).read(root);
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
