// SPDX-License-Identifier: MIT
//
// astrom3 init: a random checkpoint, to try the engine or to train from.
#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "command.h"
#include "command_line.h"
#include "formats/json_writer.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

struct InitArguments {
  CommonOptions common;
  std::uint64_t seed = 0;
  std::string config;
  std::string scaling = "published";
  std::string output;
};

int run_init(const InitArguments& a) {
  if (a.output.empty()) throw Error(Status::usage, "-o is needed: the directory of the checkpoint");
  EncoderConfig config;
  std::vector<Diagnostic> warnings;
  if (!a.config.empty()) config = read_encoder_config(a.config, warnings);
  for (const Diagnostic& warning : warnings) print_warning(warning, a.common.verbosity());
  const Scaling scaling = a.scaling == "published" ? published_scaling()
                          : a.scaling == "none"    ? no_scaling()
                                                   : read_scaling(a.scaling);
  write_random_checkpoint(a.output, config, a.seed, scaling);
  const auto checkpoint = load_checkpoint(a.output);
  if (a.common.json) {
    JsonWriter json(JsonLayout::line);
    json.begin_object().member("output", a.output).member("sha256", checkpoint->sha256);
    print_json_line(json.member("trained", false).end().take());
  } else {
    print_note(fmt::format("{} written: {} random parameters, untrained, sha256 {}", a.output,
                           checkpoint->parameter_count, checkpoint->sha256),
               a.common.verbosity());
  }
  return 0;
}

}  // namespace

void add_init(Command& astrom3) {
  auto arguments = std::make_shared<InitArguments>();
  Command& command = astrom3.subcommand("init", "write a checkpoint with random weights, marked untrained");
  add_common_options(command, arguments->common);
  GroupOfOptions options = command.options.in({});
  options.add("seed", arguments->seed, "seed of the random weights; equal seeds give equal bytes").required();
  options.add("config", arguments->config,
              "config.json with the sizes of the network (default: the published sizes)");
  options.add("scaling", arguments->scaling,
              "scaling of the features: published, none, or a preprocessor_config.json / info.json");
  options.add("o", arguments->output, "the directory to create");
  command.writes([arguments] { return derived_outputs(checkpoint_files(arguments->output)); });
  command.writes_files_only();
  command.runs([arguments] { return run_init(*arguments); });
}

}  // namespace astrom3::cli
