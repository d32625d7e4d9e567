// SPDX-License-Identifier: MIT
//
// astrom3 encode: passes tensors of a file through the encoder.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/base/version.h"
#include "astrom3/pipeline/describe_run.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/encode_file.h"
#include "astrom3/pipeline/encode_modalities.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/sink/sink.h"
#include "command.h"
#include "command_line.h"
#include "formats/json_writer.h"
#include "modality_options.h"
#include "outputs.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

struct EncodeArguments {
  CommonOptions common;
  ModelArguments model;
  std::string input;
  std::string output;
  std::string kind = "all";
  AttentionArguments attention;
  std::uint32_t threads = 0;
};

void report(const EncodeArguments& a, std::size_t n, const char* what, const std::string& sha256) {
  if (!a.common.json) {
    return print_note(fmt::format("{} {} encoded, {} written", n, what, a.output), a.common.verbosity());
  }
  JsonWriter json(JsonLayout::line);
  json.begin_object().member("output", a.output).member("light_curves", n);
  print_json_line(json.member("model_sha256", sha256).end().take());
}

/// With a checkpoint of spectra, metadata or the shared space.
int encode_several(const EncodeArguments& a) {
  if (a.kind != "all")
    throw Error(Status::usage,
                fmt::format("--output {}: of a checkpoint of several modalities all is written", a.kind));
  const auto checkpoint = open_multimodal_model(a.model, a.common.verbosity()).checkpoint;
  const auto encoder = open_multimodal_encoder(checkpoint, a.attention, a.common);
  const Identity identity = describe_modalities({}, *encoder, {});
  const std::size_t n =
      encode_modalities(a.input, *encoder, thread_count(a.threads, a.common.verbosity()), identity, a.output);
  report(a, n, "objects", checkpoint->sha256);
  return 0;
}

int run_encode(const EncodeArguments& a) {
  if (a.output.empty()) throw Error(Status::usage, "-o is needed: the .safetensors file to write");
  check_writable({a.output});
  if (model_kind(a.model, a.common.verbosity()) != CheckpointKind::photo) return encode_several(a);
  const auto checkpoint = open_model(a.model, a.common.verbosity());
  const auto encoder = open_encoder(checkpoint, a.attention, a.common);
  const EncodeRequest request{.mean = a.kind != "sequence",
                              .sequence = a.kind != "mean",
                              .logits = a.kind == "all",
                              .n_threads = thread_count(a.threads, a.common.verbosity())};
  Identity identity{{"astrom3_version", kVersion}};
  for (auto& entry : describe_encoder(*encoder, nullptr)) identity.push_back(std::move(entry));
  const std::size_t n = encode_file(a.input, *encoder, request, identity, a.output);
  report(a, n, "light curves", checkpoint->sha256);
  return 0;
}

}  // namespace

void add_encode(Command& astrom3) {
  auto arguments = std::make_shared<EncodeArguments>();
  Command& command = astrom3.subcommand(
      "encode", "tensors (of preprocess, safetensors, or AstroM3Processed) to mean, sequence and logits");
  command.footer(
      "Input: a folder of `preprocess`; rows of objects that it rejected are NaN. Or a safetensors file\n"
      "with x_enc [B, T, 9] and mask [B, T], float32; other tensors are ignored. Or a Parquet table of\n"
      "AstroM3Processed, whose photometry is standardised already; of each light curve the middle T rows\n"
      "are read.\n"
      "With a checkpoint of spectra, metadata or all: photometry, photometry_mask, spectra [B, 3, N] and\n"
      "metadata [B, columns], as far as they are there, to p_emb, s_emb, m_emb, fused, logits, and the "
      "scaled\n"
      "cosines logits_ps, logits_sm, logits_mp; an object is NaN in what needs a modality that it has not.\n"
      "The numbers of a folder's scaling.json have to be those of the checkpoint.");
  add_common_options(command, arguments->common);
  add_model_options(command, arguments->model);
  add_attention_options(command, arguments->attention, "full");
  add_precision_option(command, arguments->attention.precision);
  add_threads_option(command, arguments->threads);
  command.positional("TENSORS", arguments->input,
                     "a folder of preprocess, or a .safetensors or .parquet file");
  GroupOfOptions options = command.options.in({});
  options.add("o", arguments->output, "the .safetensors file to write");
  options.add_word("output", arguments->kind, {"mean", "sequence", "both", "all"},
                   "mean, sequence, both, or all: both and, if there is a head, logits");
  options.add("key-samples", arguments->attention.key_samples,
              "a .safetensors file with probsparse_key_samples [layers, T, u], used instead of drawn keys");
  command.writes_files_only();
  command.runs([arguments] { return run_encode(*arguments); });
}

}  // namespace astrom3::cli
