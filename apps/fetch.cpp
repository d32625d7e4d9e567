// SPDX-License-Identifier: MIT
//
// astrom3 fetch: a checkpoint from the Hugging Face hub into its cache.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/hub/hub.h"
#include "command.h"
#include "command_line.h"
#include "formats/json_writer.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

struct FetchArguments {
  CommonOptions common;
  HubArguments hub;
  std::string name;
};

int run_fetch(const FetchArguments& a) {
  const HubCheckpoint found = fetch_model(a.name, a.hub, a.common.verbosity());
  // What was fetched is a checkpoint only if it loads.
  const auto checkpoint = load_checkpoint(found.directory, {.expected_sha256 = found.weights_sha256});
  for (const Diagnostic& warning : checkpoint->warnings) print_warning(warning, a.common.verbosity());
  if (!a.common.json) {
    print_lines(found.directory.string());
    print_note(fmt::format("{}, {} bytes received; sha256 {}", found.commit, found.bytes_received,
                           checkpoint->sha256),
               a.common.verbosity());
    return 0;
  }
  JsonWriter json(JsonLayout::block);
  json.begin_object()
      .member("directory", found.directory.string())
      .member("commit", found.commit)
      .member("model_sha256", checkpoint->sha256)
      .member("bytes_received", found.bytes_received)
      .key("scaling_file");
  found.scaling_file ? json.value(found.scaling_file->string()) : json.value(nullptr);
  print_json_line(json.end().take());
  return 0;
}

}  // namespace

void add_fetch(Command& astrom3) {
  auto arguments = std::make_shared<FetchArguments>();
  Command& command = astrom3.subcommand("fetch", "download a checkpoint from the Hugging Face hub");
  command.footer(
      "Without REPO: the published photometry checkpoint, AstroMLCore/AstroM3-CLIP-photo, at the revision\n"
      "whose hash is known to astrom3. Files go into the hub's own cache, which the hub's Python client\n"
      "shares, and are checked against their hashes. A file that is in the cache is not downloaded again.\n"
      "The directory is printed. --model hf:REPO[@REVISION] does the same in every command. The variables\n"
      "HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_TOKEN and HF_HUB_OFFLINE are used.");
  add_common_options(command, arguments->common);
  command.optional_positional("REPO", arguments->name,
                              "ORG/NAME or ORG/NAME@REVISION (branch, tag or commit)");
  add_hub_options(command, arguments->hub);
  command.runs([arguments] { return run_fetch(*arguments); });
}

}  // namespace astrom3::cli
