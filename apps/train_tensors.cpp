// SPDX-License-Identifier: MIT
//
// train --tensors: what preprocess wrote, or tables of AstroM3Processed, in the place of files.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "astrom3/pipeline/treatment.h"
#include "file_claims.h"
#include "report.h"
#include "train_arguments.h"

namespace astrom3::cli {
namespace {

// Of the options that say how files are read and treated: those that have a meaning here.
constexpr std::string_view kOfTensors[] = {"scaling",  "metadata-scaling", "modalities",
                                           "modality", "tensors",          "id-column"};
// Groups of options that say how files are read, cleaned, measured and joined.
constexpr std::string_view kGroupsOfFiles[] = {
    option_groups::kInput.title,        option_groups::kCleaning.title,   option_groups::kFeatures.title,
    option_groups::kPeriodSearch.title, option_groups::kModalities.title, option_groups::kSpectra.title};

template <typename List>
bool holds(const List& list, std::string_view text) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

void refuse_options_of_files(const TrainArguments& a, const OptionTable& options) {
  if (!a.run.inputs.empty())
    throw Error(Status::usage, "--tensors goes in the place of light curves, and there are some");
  for (const Option& option : options.options()) {
    const bool is_of_files = holds(kGroupsOfFiles, option.group().title) && !holds(kOfTensors, option.name());
    const bool is_of_copies = option.name() == "copies" || option.name().starts_with("copy-");
    if (!option.is_set() || (!is_of_files && !is_of_copies)) continue;
    throw Error(Diagnostic{
        .code = Status::usage,
        .option = option.name(),
        .message = is_of_copies ? "copies are measured anew, which needs light curves: these are tensors"
                                : "is of files that are read and treated: tensors are treated already"});
  }
  if (a.run.treatment.scaling == "fit")
    throw Error(Status::usage, "--scaling fit: tensors are standardised already");
}

[[noreturn]] void fail(const TrainArguments& a, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = Status::bad_scaling,
                         .file = a.found.sources.front().path.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

}  // namespace

void look_at_tensors(TrainArguments& a, const OptionTable& options) {
  if (a.tensors.empty()) return;
  refuse_options_of_files(a, options);
  for (const std::string& name : a.modalities.modalities) (void)parse_modality(name);
  std::vector<std::filesystem::path> paths(a.tensors.begin(), a.tensors.end());
  for (const auto& path : paths) {
    std::error_code error;
    if (!std::filesystem::exists(path, error))
      throw Error(Diagnostic{.code = Status::no_input, .file = path.string(), .message = "is not there"});
  }
  a.found = find_training_tensors(paths, a.run.treatment.reading.id_column);
  std::vector<std::filesystem::path> files;
  for (const TensorSource& source : a.found.sources) files.push_back(source.path);
  check_inputs(files);
}

void choose_tensor_scaling(const TrainArguments& a, const Checkpoint* photo, TrainingRun& run) {
  run.fit_scaling = false;
  run.object.scaling = no_scaling();
  if (!run.modalities.used[index_of(Modality::photo)]) return;
  const std::string& given = a.run.treatment.scaling;
  std::optional<Scaling> asked;
  if (given != "checkpoint" || photo != nullptr) asked = scaling_called(given, photo);
  const std::optional<Scaling>& own = a.found.scaling;
  if (own && asked && !are_same(*own, *asked))
    fail(a, given == "checkpoint"
                ? "light curves are standardised by other numbers than --from was trained with"
                : fmt::format("light curves are standardised by other numbers than --scaling {} says",
                              escaped(given)));
  if (!own && !asked && !a.found.has_tables())
    fail(a, "nothing says how channels 3 to 6 were standardised: there is no scaling.json",
         {"name it with {}", {{"scaling"}}});
  if (!own && !asked)
    print_note(
        "the tables do not say how channels 3-6 were standardised: the checkpoint will have the "
        "published table (--scaling names another)",
        a.run.common.verbosity());
  run.object.scaling = own ? *own : asked ? *asked : published_scaling();
}

void choose_tensor_metadata(const TrainArguments& a, const std::filesystem::path& named,
                            TrainingModalities& m) {
  m.fit_metadata_scaling = false;
  std::optional<MetadataScaling> asked;
  if (!named.empty()) asked = read_metadata_scaling(named);
  const std::optional<MetadataScaling>& own = a.found.metadata_scaling;
  if (own && asked && own->described() != asked->described())
    fail(a, fmt::format("metadata are standardised by other numbers, or are other columns, than {} says",
                        escaped(named.string())));
  m.metadata_scaling = own ? *own : asked ? *asked : published_metadata_columns();
  const std::size_t n = m.metadata_scaling.columns.size();
  if (n != a.found.n_columns)
    fail(a,
         fmt::format("metadata of {} columns; {} are {}", a.found.n_columns,
                     asked ? escaped(named.string()) : std::string("the published ones"), n),
         {"say which they are with {}", {{"metadata-scaling"}}});
  if (!own && !asked)
    print_note(
        "nothing says how metadata were standardised: the checkpoint will not know, and to embed with "
        "it needs --metadata-scaling",
        a.run.common.verbosity());
}

}  // namespace astrom3::cli
