// SPDX-License-Identifier: MIT
#include "survey_run.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>

#include "outputs.h"
#include "signals.h"

namespace astrom3::cli {
namespace {

/// Takes rows and keeps none: --check.
class NullSink : public Sink {
 public:
  void write(const Row&) override {}
  void close() override {}
};

/// A run in parts: -o DIR/.
bool is_into_folder(const RunArguments& a) {
  return a.output.ends_with('/') && (a.to.empty() || a.to == "parquet");
}

SinkFormat chosen_format(const RunArguments& a) {
  const std::string& out = a.output;
  if (is_into_folder(a)) return SinkFormat::parquet;
  if (a.to == "csv") return SinkFormat::csv;
  if (a.to == "npy") return SinkFormat::npy;
  if (a.to == "parquet" || (a.to.empty() && out.ends_with(".parquet"))) {
    if (out == "-") {
      throw Error(Status::usage, "-o -: Parquet needs a seekable file", "write CSV to stdout with --to csv");
    }
    return SinkFormat::parquet;
  }
  if (out.ends_with(".csv") || out == "-") return SinkFormat::csv;
  throw Error(
      Status::usage, fmt::format("-o {}: cannot tell the format", escaped(out)),
      "end the name in .csv or .parquet, or in / for a folder of parts, or say --to parquet, csv or npy");
}

RowLayout layout_for(const RunArguments& a, Stage last_stage, SinkFormat format, const Encoder* encoder,
                     const RunOptions& options) {
  RowLayout layout;
  if (last_stage == Stage::tensor) layout.tensor_steps = options.object.tensor.n_steps;
  if (last_stage == Stage::features) {
    layout.period_search = true;
    layout.n_alternates = options.object.features.period.n_alternates;
  }
  if (last_stage != Stage::embedding) return layout;
  const auto width = static_cast<std::size_t>(encoder->config().d_model);
  if (a.classify) {
    layout.class_names = class_names(encoder->config());
    return layout;
  }
  if (a.output_kind != "sequence") layout.embedding_size = width;
  if (a.output_kind == "mean") return layout;
  if (format == SinkFormat::csv) {
    throw Error(Status::usage, fmt::format("--output {}: a sequence does not fit into CSV", a.output_kind),
                "use --to npy or a .parquet file");
  }
  layout.sequence_steps = static_cast<std::size_t>(encoder->config().seq_len);
  layout.sequence_width = width;
  return layout;
}

void print_rejects(const RunSummary& summary, const std::filesystem::path& log, Verbosity verbosity) {
  std::uint64_t n_rejected = summary.n_objects - summary.n_ok;
  if (n_rejected == 0 || verbosity == Verbosity::quiet) return;
  for (const Diagnostic& diagnostic : summary.first_rejects) print_error(diagnostic);
  const std::uint64_t more = n_rejected - summary.first_rejects.size();  // a resumed run has met fewer
  if (log.empty()) {
    if (more > 0) print_note(fmt::format("{} more objects were rejected", more), verbosity);
  } else {
    print_note(fmt::format("{}all of them are in {}",
                           more > 0 ? fmt::format("{} more rejected objects; ", more) : "", log.string()),
               verbosity);
  }
}

void print_summary(const RunSummary& summary, const RunArguments& a, const Identity& identity) {
  if (a.common.json) {
    std::FILE* stream = a.output == "-" ? stderr : stdout;
    fmt::print(stream, "{}\n", summary_json(summary, a.output, identity));
    return;
  }
  print_note(summary_text(summary, a.output), a.common.verbosity());
}

/// Values that contradict the scaling in use shift every embedding; say so with the numbers.
void warn_about_scaling(const RunSummary& summary, const Scaling& scaling, Verbosity verbosity) {
  if (summary.given_values.n < 20) return;
  const auto& given = summary.given_values;
  const auto range = [&](Feature f) {
    const auto i = static_cast<std::size_t>(f);
    return fmt::format("{} {:.4g} to {:.4g}", feature_name(f), given.min[i], given.max[i]);
  };
  const auto min_of = [&](Feature f) { return given.min[static_cast<std::size_t>(f)]; };
  if (scaling.none && min_of(Feature::period) > 0 && min_of(Feature::lksl_statistic) >= 0) {
    print_warning(
        Diagnostic{.code = Status::bad_aux,
                   .message = fmt::format("--scaling none, but the catalogue's values look raw ({}, {})",
                                          range(Feature::period), range(Feature::lksl_statistic)),
                   .hint = "the published checkpoint expects standardised values: --scaling published"},
        verbosity);
  } else if (!scaling.none && min_of(Feature::rfr_score) < -1) {
    print_warning(Diagnostic{.code = Status::bad_aux,
                             .message = fmt::format("the catalogue's values look standardised already ({})",
                                                    range(Feature::rfr_score)),
                             .hint = "values that are standardised go with --scaling none"},
                  verbosity);
  }
}

void check_folder_options(const RunArguments& a) {
  if (is_into_folder(a) && !a.check) return;
  for (const auto& [given, name] :
       {std::pair{a.resume, "--resume"}, {!a.lock, "--no-lock"}, {a.shard.has_value(), "--shard"}}) {
    if (given) throw Error(Status::usage, fmt::format("{} goes with a run in parts", name), "-o DIR/");
  }
}

/// What stdin held is gone when a run is resumed.
void check_no_stdin(const std::vector<std::filesystem::path>& inputs) {
  for (const auto& input : inputs) {
    if (input == "-")
      throw Error(Status::usage, "a run in parts could not be resumed from stdin",
                  "-o FILE.parquet, or name files");
  }
}

/// Parts that are read again as inputs would feed the run its own output.
void check_not_inside(const std::vector<std::filesystem::path>& inputs, const std::filesystem::path& folder) {
  std::error_code error;
  const std::string outer = std::filesystem::weakly_canonical(folder, error).string() + "/";
  if (error)
    throw Error(
        Diagnostic{.code = Status::output_error, .file = folder.string(), .message = error.message()});
  for (const auto& input : inputs) {
    // An input that cannot be found out about is not read either, which its reader says.
    const std::string inner = std::filesystem::weakly_canonical(input, error).string();
    if (!error && inner.starts_with(outer))
      throw Error(Status::usage, fmt::format("-o {}: the input {} is in this folder",
                                             escaped(folder.string(), 4096), escaped(input.string(), 4096)));
  }
}

/// "run/" for the only share, "run/shard-03-of-16" for the third of sixteen.
std::filesystem::path folder_of_shard(const std::string& output, InputShard shard) {
  std::filesystem::path folder(output.substr(0, output.find_last_not_of('/') + 1));
  if (folder.empty()) folder = "/";
  if (shard.count == 1) return folder;
  const std::size_t width = fmt::format("{}", shard.count).size();
  return folder / fmt::format("shard-{:0{}}-of-{}", shard.index + 1, width, shard.count);
}

/// N of "shard-03-of-N"; 0 where this is no folder of a share.
std::uint64_t shares_of(const std::string& name) {
  const std::size_t of = name.rfind("-of-");
  if (!name.starts_with("shard-") || of == std::string::npos) return 0;
  std::uint64_t n = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + of + 4, end, n);
  return error == std::errc{} && stop == end ? n : 0;
}

/// Shares of another division beside these would hold the same objects a second time: a job array
/// of which a few tasks are submitted again divides the files among those few.
void check_other_shares(const std::filesystem::path& folder, InputShard shard) {
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = folder.string(),
                           .message = fmt::format("this folder holds {}: objects would be there twice", what),
                           .hint = hint});
  };
  std::error_code error;
  if (shard.count > 1 && std::filesystem::exists(folder / "manifest.jsonl", error))
    refuse("a run that was not divided", "another folder for shares");
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::uint64_t n = shares_of(it->path().filename().string());
    if (n > 0 && n != shard.count)
      refuse(fmt::format("shares of {}, and this is share {} of {}", n, shard.index + 1, shard.count),
             fmt::format("--shard I/{} says which of them to make; or another folder", n));
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = folder.string(),
                           .message = "cannot list this folder: " + error.message()});
}

RunSummary run_into_folder(PartsRun run, const RunArguments& a, InputShard shard) {
  run.parts =
      PartsOptions{.folder = folder_of_shard(a.output, shard),
                   .objects_per_part = a.part_objects,
                   .resume = a.resume,
                   .force = a.force,
                   .lock = a.lock,
                   .shard = shard.count == 1 ? "" : fmt::format("{}/{}", shard.index + 1, shard.count)};
  check_no_stdin(run.files);
  check_not_inside(run.files, run.parts.folder);
  check_other_shares(folder_of_shard(a.output, InputShard{}), shard);
  ProgressLine progress(a.common.verbosity(), a.progress);
  try {
    return run_parts(run, &stop_requested(), [&](const RunProgress& p) { progress.show(p); });
  } catch (const Error& error) {
    if (error.code() == Status::interrupted)
      print_note(fmt::format("{}; the same command with --resume goes on", error.diagnostic().message),
                 a.common.verbosity());
    throw;
  }
}

}  // namespace

int run_survey(const RunArguments& a, Stage last_stage) {
  const Verbosity verbosity = a.common.verbosity();
  if (a.output.empty() && !a.check) throw Error(Status::usage, "-o is needed: where the result goes");
  check_folder_options(a);
  const bool into_folder = is_into_folder(a) && !a.check;
  const InputShard shard = chosen_shard(a, into_folder);
  const SinkFormat format = a.check ? SinkFormat::csv : chosen_format(a);
  const SourceOptions& reading = a.treatment.reading;
  RunOptions options = run_options(a, a.check ? Stage::cleaning : last_stage);

  // The model first: without it nothing else matters.
  std::shared_ptr<const Checkpoint> checkpoint;
  std::unique_ptr<Encoder> encoder;
  // Tensors are for a model, the default one where it is not said that they are scaled for another.
  const bool for_default =
      last_stage == Stage::tensor && a.treatment.scaling == "checkpoint" && default_model().has_value();
  if (last_stage == Stage::embedding || !a.model.model.empty() || for_default) {
    checkpoint = open_model(a.model, verbosity);
    options.object.tensor.n_steps = static_cast<std::size_t>(checkpoint->config.seq_len);
  }
  options.object.scaling =
      last_stage == Stage::features && a.model.model.empty() && a.treatment.scaling == "checkpoint"
          ? published_scaling()
          : chosen_scaling(a, checkpoint.get());
  if (last_stage == Stage::embedding) {
    encoder = open_encoder(checkpoint, a.attention, a.common, a.classify ? "trained" : "full");
    options.want_sequence = a.output_kind != "mean";
    options.object.want_probabilities = a.classify;
    if (a.classify && !checkpoint->has_head()) {
      throw Error(Diagnostic{.code = Status::bad_model,
                             .file = checkpoint->weights_file.string(),
                             .column = "fc.weight",
                             .message = "not there: without its head a checkpoint cannot classify"});
    }
    if (verbosity == Verbosity::verbose) {
      print_note(fmt::format("checkpoint {} (sha256 {}), {}, {} instructions",
                             escaped(checkpoint->weights_file.string(), 400), checkpoint->sha256,
                             checkpoint->is_trained() ? "trained" : "untrained", isa_name(encoder->isa())),
                 verbosity);
    }
    if (!checkpoint->is_trained()) {
      print_note("the checkpoint is untrained: the embeddings mean nothing", verbosity);
    }
  }
  const RowLayout layout = layout_for(a, last_stage, format, encoder.get(), options);

  std::vector<Diagnostic> warnings;
  const auto files =
      files_of_shard(expand_inputs(a.inputs, InputExpansion{.recursive = a.recursive}, warnings), shard);
  for (const Diagnostic& warning : warnings) print_warning(warning, verbosity);
  std::unique_ptr<Catalog> catalog;
  if (!a.catalog.empty()) {
    catalog = std::make_unique<Catalog>(
        Catalog::read(a.catalog, a.treatment.reading.id_column, options.object.scaling.none));
    for (const Diagnostic& warning : catalog->warnings()) print_warning(warning, verbosity);
  }
  if (!a.check && !into_folder) check_distinct(files, a.output);

  const Identity identity = describe_run(encoder.get(), options, reading, a.catalog);
  std::unique_ptr<Sink> sink;
  std::unique_ptr<RejectLog> rejects;
  std::filesystem::path log_path;
  RunSummary summary;
  if (into_folder) {
    if (shard.count > 1)
      print_note(fmt::format("share {} of {}: {} files", shard.index + 1, shard.count, files.size()),
                 verbosity);
    log_path = folder_of_shard(a.output, shard) / "rejects.jsonl";
    summary = run_into_folder(PartsRun{.files = files,
                                       .reading = reading,
                                       .catalog = catalog.get(),
                                       .encoder = encoder.get(),
                                       .options = options,
                                       .layout = layout,
                                       .identity = identity,
                                       .parts = {}},
                              a, shard);
  } else if (a.check) {
    sink = std::make_unique<NullSink>();
  } else {
    sink = open_sink(a.output, format, layout, identity, SinkOptions{.force = a.force});
    if (a.output != "-") {
      log_path = reject_log_path(a.output, format);
      rejects = std::make_unique<RejectLog>(log_path);
    }
  }

  if (sink != nullptr) {
    const auto source = open_source(files, reading);
    ProgressLine progress(verbosity, a.progress);
    summary = run_pipeline(*source, a.check ? nullptr : catalog.get(), encoder.get(), options, *sink,
                           rejects.get(), &stop_requested(), [&](const RunProgress& p) { progress.show(p); });
  }
  for (const Diagnostic& warning : summary.warnings) print_warning(warning, verbosity);
  if (catalog != nullptr && !a.check) {
    if (const std::size_t unused = catalog->unused_rows(); unused > 0) {
      print_note(fmt::format("warning: {} of {} catalogue rows belong to no light curve of this run", unused,
                             catalog->size()),
                 verbosity);
    }
  }
  warn_about_scaling(summary, options.object.scaling, verbosity);
  print_rejects(summary, log_path, verbosity);
  print_summary(summary, a, identity);
  return summary.n_ok == summary.n_objects ? 0 : exit_code(Status::too_many_rejects);
}

}  // namespace astrom3::cli
