// SPDX-License-Identifier: MIT
//
// astrom3 info: describes a checkpoint.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/out_of_class.h"
#include "astrom3/features/scaling.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "command.h"
#include "command_line.h"
#include "formats/json.h"
#include "formats/json_writer.h"
#include "modality_options.h"
#include "multimodal_info.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

struct InfoArguments {
  CommonOptions common;
  ModelArguments model;
};

std::map<std::string, int> dtypes_of(const Checkpoint& checkpoint) {
  std::map<std::string, int> counts;
  for (const auto& [name, tensor] : checkpoint.tensors) ++counts[tensor.dtype];
  return counts;
}

std::string scaling_name(const Checkpoint& checkpoint) {
  if (!checkpoint.scaling.has_value()) return "none stored: the published table will be used";
  return checkpoint.scaling->none ? "none: values pass unchanged" : "stored with the checkpoint";
}

/// The model card beside the weights.
std::optional<std::filesystem::path> card_of(const Checkpoint& checkpoint) {
  const std::filesystem::path card = checkpoint.weights_file.parent_path() / kCardName;
  std::error_code error;
  if (std::filesystem::exists(card, error)) return card;
  return std::nullopt;
}

void print_text(const Checkpoint& c) {
  const auto say = [](const char* name, const std::string& text) {
    print_lines(fmt::format("{:<11} {}", name, escaped(text, 4096)));
  };
  const EncoderConfig& config = c.config;
  say("weights", c.weights_file.string());
  say("sha256", c.sha256);
  std::string parameters = fmt::format("{} in {} tensors", c.parameter_count, c.tensors.size());
  for (const auto& [dtype, count] : dtypes_of(c)) parameters += fmt::format(", {} {}", count, dtype);
  say("parameters", parameters);
  say("encoder", fmt::format("seq_len {}, d_model {}, n_heads {}, e_layers {}, d_ff {}, {}", config.seq_len,
                             config.d_model, config.n_heads, config.e_layers, config.d_ff,
                             config.activation == Activation::gelu ? "gelu" : "relu"));
  const std::string others = OutOfClass::of(c.tensors) ? ", and what is out of class" : "";
  say("head", c.has_head() ? fmt::format("{} classes{}", config.num_classes, others) : "none");
  say("trained", c.is_trained() ? fmt::format("yes, with {} attention", c.training_attention())
                                : "no: random weights, embeddings mean nothing");
  say("scaling", scaling_name(c));
  if (const auto card = card_of(c)) say("card", card->string());
  for (const std::string& name : c.extra_tensors) say("not used", escaped(name, 256));
  for (const auto& [key, value] : c.metadata)
    say("metadata", fmt::format("{} = {}", escaped(key), escaped(value, 200)));
}

void print_json(const Checkpoint& c) {
  JsonWriter json(JsonLayout::block);
  json.begin_object()
      .member("weights", c.weights_file.string())
      .member("sha256", c.sha256)
      .member("parameters", c.parameter_count)
      .member("tensors", c.tensors.size());
  json.key("dtypes").object(dtypes_of(c)).member("config", parse_json(to_json(c.config), JsonSource{}));
  json.member("head", c.has_head())
      .member("out_of_class", OutOfClass::of(c.tensors).has_value())
      .member("trained", c.is_trained())
      .member("training_attention", c.training_attention())
      .key("scaling");
  c.scaling ? json.value(parse_json(to_json(*c.scaling), JsonSource{})) : json.value(nullptr);
  const auto card = card_of(c);
  json.key("card");
  card ? json.value(card->string()) : json.value(nullptr);
  json.key("extra_tensors").array(c.extra_tensors).key("metadata").object(c.metadata);
  print_json_line(json.end().take());
}

int run_info(const InfoArguments& a) {
  if (model_kind(a.model, a.common.verbosity()) != CheckpointKind::photo) {
    const auto several = open_multimodal_model(a.model, a.common.verbosity()).checkpoint;
    a.common.json ? print_multimodal_json(*several) : print_multimodal_text(*several);
    return 0;
  }
  const auto checkpoint = open_model(a.model, a.common.verbosity());
  a.common.json ? print_json(*checkpoint) : print_text(*checkpoint);
  return 0;
}

}  // namespace

void add_info(Command& astrom3) {
  auto arguments = std::make_shared<InfoArguments>();
  Command& command = astrom3.subcommand("info", "what a checkpoint is: sizes, identity, scaling");
  command.optional_positional("MODEL", arguments->model.model, "the same as --model");
  add_common_options(command, arguments->common);
  add_model_options(command, arguments->model);
  command.runs([arguments] { return run_info(*arguments); });
}

}  // namespace astrom3::cli
