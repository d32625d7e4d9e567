// SPDX-License-Identifier: MIT
//
// Which checkpoint, from where, and which form of attention.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/bundled.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/features/scaling.h"
#include "astrom3/hub/hub.h"
#include "command.h"
#include "command_line.h"
#include "file_claims.h"
#include "report.h"
#include "run_options.h"
#include "signals.h"

namespace astrom3::cli {

void add_hub_options(Command& command, HubArguments& hub) {
  GroupOfOptions options = command.options.in({"Hub"});
  options.add("cache-dir", hub.cache_dir, "cache for downloads (default: HF_HUB_CACHE, else HF_HOME/hub)");
  options.add("offline", hub.offline, "make no connection; what is not in the cache is an error");
}

void add_model_options(Command& command, ModelArguments& model) {
  GroupOfOptions options = command.options.in({"Model"});
  options
      .add("model", model.model,
           "checkpoint: a directory, a .safetensors file, or hf:REPO[@REVISION] (see astrom3 fetch);\n"
           "default: ASTROM3_MODEL, else the one that ships with astrom3")
      .letter('m');
  options.add("config", model.config, "config.json, if it is not beside the weights");
  options.add("key-prefix", model.key_prefix, "beginning of the tensors' names, which is left away");
  options.add("model-sha256", model.sha256, "refuse weights with another SHA-256");
  options.add("strict-model", model.strict, "refuse a checkpoint with unknown tensors");
  add_hub_options(command, model.hub);
}

void add_attention_options(Command& command, AttentionArguments& attention, const char* default_form) {
  GroupOfOptions options = command.options.in({"Model"});
  const std::string help =
      fmt::format("full, probsparse (upstream's random form) or probsparse-exact (default: {})",
                  std::string_view(default_form) == "trained" ? "as trained" : default_form);
  options.add_word("attention", attention.form, attention_names(), help.c_str());
  options.add("seed", attention.seed, "seed of the keys that probsparse draws (default: 0)");
}

void add_precision_option(Command& command, std::string& precision) {
  command.options.in({"Model"}).add_word(
      "precision", precision, precision_names(),
      "float32, or int8: matrix products in eight bits, faster and slightly less exact (astrom3 study\n"
      "precision measures the difference)");
}

HubCheckpoint fetch_model(const std::string& name, const HubArguments& hub, Verbosity verbosity) {
  // Asked once for its kind and once for its weights, a name means the same and is fetched once.
  static std::optional<std::pair<std::string, HubCheckpoint>> fetched;
  if (fetched && fetched->first == name) return fetched->second;
  HubRequest request = parse_hub_name(name);
  request.cache_dir = hub.cache_dir;
  request.offline = hub.offline;
  DownloadLine line(verbosity);
  HubCheckpoint found = fetch_checkpoint(
      request, [&](const HubProgress& p) { line.show(p.file, p.received, p.total); }, &stop_requested());
  for (const Diagnostic& warning : found.warnings) print_warning(warning, verbosity);
  fetched.emplace(name, found);
  return found;
}

namespace {

DefaultModel the_default_model() {
  if (auto found = default_model()) return *std::move(found);
  throw Error(
      Status::usage, "no checkpoint: --model is needed, and none is bundled with this astrom3",
      "--model DIR with config.json and model.safetensors; astrom3 init makes an untrained one to try");
}

/// Says which checkpoint was used if none was named, with the name from its own metadata.
void print_default_model(const DefaultModel& taken, const Checkpoint& checkpoint, Verbosity verbosity) {
  std::string facts;
  if (const auto name = checkpoint.metadata.find("astrom3.name"); name != checkpoint.metadata.end())
    facts += escaped(name->second, 100) + ", ";
  if (checkpoint.has_head()) facts += fmt::format("{} classes, ", checkpoint.config.num_classes);
  print_note(fmt::format("model: {} ({}sha256 {}); --model chooses another",
                         taken.from_environment ? escaped(taken.model, 400) + ", from ASTROM3_MODEL"
                                                : "the bundled one",
                         facts, checkpoint.sha256.substr(0, 12)),
             verbosity);
}

}  // namespace

std::shared_ptr<const Checkpoint> open_model(const ModelArguments& model, Verbosity verbosity) {
  std::optional<DefaultModel> taken;
  if (model.model.empty()) taken = the_default_model();
  const std::string name = checkpoint_called(taken ? taken->model : model.model);
  CheckpointOptions options{.config = model.config,
                            .key_prefix = model.key_prefix,
                            .strict = model.strict,
                            .expected_sha256 = model.sha256};
  std::shared_ptr<const Checkpoint> checkpoint;
  std::optional<std::filesystem::path> scaling;
  if (name.starts_with("hf:")) {
    const HubCheckpoint found = fetch_model(name, model.hub, verbosity);
    if (options.expected_sha256.empty()) options.expected_sha256 = found.weights_sha256;
    checkpoint = load_checkpoint(found.directory, options);
    scaling = found.scaling_file;
    if (found.scaling_file && !checkpoint->scaling) {
      auto scaled = std::make_shared<Checkpoint>(*checkpoint);
      scaled->scaling = read_scaling(*found.scaling_file);
      scaled->scaling->source = "info.json of the data set";
      checkpoint = std::move(scaled);
    }
  } else {
    checkpoint = load_checkpoint(name, options);
  }
  check_checkpoint(checkpoint->weights_file, checkpoint->directory, scaling);
  if (taken) print_default_model(*taken, *checkpoint, verbosity);
  for (const Diagnostic& warning : checkpoint->warnings) print_warning(warning, verbosity);
  return checkpoint;
}

AttentionOptions attention_options(const AttentionArguments& a, Attention form, const EncoderConfig& config) {
  AttentionOptions options{.form = form};
  if (form != Attention::probsparse && (a.seed.has_value() || !a.key_samples.empty())) {
    throw Error(Status::usage,
                fmt::format("{}: {} attention draws nothing", a.seed.has_value() ? "--seed" : "--key-samples",
                            attention_name(form)),
                "it belongs to --attention probsparse");
  }
  options.seed = a.seed.value_or(0);
  if (!a.key_samples.empty()) {
    if (a.seed.has_value()) throw Error(Status::usage, "--seed and --key-samples exclude each other");
    options.key_samples = read_key_samples(a.key_samples, config);
  }
  return options;
}

std::unique_ptr<Encoder> open_encoder(std::shared_ptr<const Checkpoint> checkpoint,
                                      const AttentionArguments& a, const CommonOptions& common,
                                      const char* default_form) {
  const std::string trained = checkpoint->training_attention();
  const bool follows_training = std::string_view(default_form) == "trained";
  AttentionOptions options = attention_options(a,
                                               parse_attention(!a.form.empty()    ? a.form
                                                               : follows_training ? trained
                                                                                  : default_form),
                                               checkpoint->config);
  if (checkpoint->is_trained() && (follows_training || trained != attention_name(options.form))) {
    print_note(
        fmt::format("attention: {}{}; the checkpoint was trained with {}", attention_name(options.form),
                    a.form.empty() ? " (the default)" : "", escaped(trained)),
        common.verbosity());
  }
  return std::make_unique<Encoder>(std::move(checkpoint),
                                   EncoderOptions{.isa = chosen_isa(common),
                                                  .attention = std::move(options),
                                                  .precision = parse_precision(a.precision)});
}

}  // namespace astrom3::cli
