// SPDX-License-Identifier: MIT
//
// astrom3 import: the weights of an ONNX file as a checkpoint.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/onnx/multimodal_onnx.h"
#include "astrom3/onnx/onnx.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "command.h"
#include "command_line.h"
#include "formats/json_writer.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

struct ImportArguments {
  CommonOptions common;
  std::string input;
  std::string output;
};

int import_several(const ImportArguments& a) {
  const Verbosity verbosity = a.common.verbosity();
  const MultimodalOnnxReport report = import_multimodal_onnx(a.input, a.output);
  for (const Diagnostic& warning : report.warnings) print_warning(warning, verbosity);
  const auto checkpoint = load_multimodal_checkpoint(a.output);
  if (!a.common.json) {
    print_note(
        fmt::format("{} written: a checkpoint of kind {}, {} parameters, {}; made by {}; {}", a.output,
                    checkpoint_kind_name(report.config.kind), checkpoint->parameter_count,
                    checkpoint->has_head() ? "with head" : "no head",
                    report.producer.empty() ? "an unnamed program" : escaped(report.producer),
                    report.was_run ? fmt::format("its outputs differ from the engine's by at most {:.1e}",
                                                 report.largest_difference)
                                   : "it was not run"),
        verbosity);
    return 0;
  }
  JsonWriter json(JsonLayout::line);
  json.begin_object()
      .member("output", a.output)
      .member("sha256", checkpoint->sha256)
      .member("kind", checkpoint_kind_name(report.config.kind))
      .member("parameters", checkpoint->parameter_count)
      .member("head", checkpoint->has_head());
  json.key("largest_difference")
      .raw(report.was_run ? fmt::format("{:.3e}", report.largest_difference) : "null");
  print_json_line(json.end().take());
  return 0;
}

int run_import(const ImportArguments& a) {
  if (a.output.empty()) throw Error(Status::usage, "-o is needed: the directory of the checkpoint");
  const Verbosity verbosity = a.common.verbosity();
  if (is_multimodal_onnx(a.input)) return import_several(a);
  const OnnxImportReport report = import_onnx(a.input, a.output);
  for (const Diagnostic& warning : report.warnings) print_warning(warning, verbosity);
  const auto checkpoint = load_checkpoint(a.output);
  if (a.common.json) {
    JsonWriter json(JsonLayout::line);
    json.begin_object()
        .member("output", a.output)
        .member("sha256", checkpoint->sha256)
        .member("parameters", checkpoint->parameter_count)
        .member("head", report.has_head)
        .key("largest_difference")
        .raw(report.was_run ? fmt::format("{:.3e}", report.largest_difference) : "null");
    print_json_line(json.end().take());
  } else {
    const EncoderConfig& c = report.config;
    print_note(fmt::format(
                   "{} written: {} layers of width {}, {} heads, {} steps, {} parameters, {}; made by {}; {}",
                   a.output, c.e_layers, c.d_model, c.n_heads, c.seq_len, checkpoint->parameter_count,
                   report.has_head ? "with head" : "no head",
                   report.producer.empty() ? "an unnamed program" : escaped(report.producer),
                   report.was_run ? fmt::format("its outputs differ from the engine's by at most {:.1e}",
                                                report.largest_difference)
                                  : "it was not run"),
               verbosity);
  }
  return 0;
}

}  // namespace

void add_import(Command& astrom3) {
  auto arguments = std::make_shared<ImportArguments>();
  Command& command = astrom3.subcommand("import", "read the weights of an ONNX file into a checkpoint");
  command.footer(
      "Reads files of `astrom3 export` and of PyTorch's exporters. The structure is followed from the\n"
      "outputs to the inputs; then the file is run, and its outputs are compared with those of astrom3's\n"
      "own encoder. A part that is not recognised is named in the error. Files of spectra, metadata and the\n"
      "shared space are read that `astrom3 export` wrote as a whole: their weights are found by name.");
  add_common_options(command, arguments->common);
  command.positional("ONNX", arguments->input, "an .onnx file");
  command.options.in({}).add("o", arguments->output, "the directory to create");
  command.writes([arguments] { return derived_outputs(checkpoint_files(arguments->output)); });
  command.writes_files_only();
  command.runs([arguments] { return run_import(*arguments); });
}

}  // namespace astrom3::cli
