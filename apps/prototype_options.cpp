// SPDX-License-Identifier: MIT
#include "prototype_options.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/downstream/embeddings.h"
#include "astrom3/downstream/prototypes.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/sink/sink.h"
#include "command_line.h"
#include "embedding_input.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {

std::optional<std::uint64_t> PrototypeArguments::seed_of_attention(const AttentionArguments& of_run) const {
  return of_run.form == "probsparse" ? of_run.seed : std::nullopt;
}

void add_prototype_options(Command& command, PrototypeArguments& a) {
  GroupOfOptions options = command.options.in({"Prototypes"});
  options
      .add("prototypes", a.files,
           "embeddings of labelled objects by the same model: classes by likeness to them, without a head")
      .several();
  options.add("labels", a.labels, "a table with object_id and class, for the prototypes");
  options.add_word("judge", a.judge, {"centre", "closest"},
                   "the class of the nearest centre, or of the closest labelled object");
  options.add("shots", a.shots, "use so many labelled objects of each class, chosen by --seed (default: all)")
      .within(1, 1'000'000'000);
  options.add_word("embedding", a.column, {"photo", "spectra", "metadata", "fused"},
                   "of several modalities: which embedding is compared (default: fused)");
}

void check_prototype_options(const PrototypeArguments& a) {
  if (a.are_given() && a.labels.empty()) throw Error(Status::usage, "--prototypes needs --labels");
  if (!a.are_given() && (!a.labels.empty() || a.shots > 0 || a.judge != "centre" || !a.column.empty()))
    throw Error(Status::usage, "--labels, --judge, --shots and --embedding go with --prototypes");
}

LabelledEmbeddings read_prototypes(const PrototypeArguments& a, const RunArguments& run) {
  EmbeddingArguments input;
  input.files = a.files;
  input.labels = a.labels;
  input.column = a.column;
  const std::string& id_column = run.treatment.reading.id_column;
  const Verbosity verbosity = run.common.verbosity();
  LabelledEmbeddings out{
      .table = open_embeddings(input, id_column, verbosity), .class_names = {}, .prototypes = {}};
  const Coded classes = code_words(classes_of(out.table, input, id_column, verbosity));
  out.class_names = classes.names;
  const PackedRows packed = pack_rows(out.table);
  std::vector<std::string> ids;
  std::vector<std::int32_t> codes;
  for (const std::size_t row : packed.rows) {
    ids.push_back(out.table.object_ids[row]);
    codes.push_back(classes.codes[row]);
  }
  if (out.class_names.size() < 2)
    throw Error(Diagnostic{.code = Status::no_input,
                           .file = a.labels,
                           .message = "labels fewer than two classes of the prototypes"});
  const bool is_shared = !a.column.empty() || identity_value(out.table.identity, "model_kind") == "shared";
  out.prototypes.emplace(
      LabelledPrototypes{.values = packed.values,
                         .dimension = out.table.dimension,
                         .object_ids = ids,
                         .classes = codes,
                         .n_classes = out.class_names.size()},
      out.class_names,
      PrototypeOptions{.judge = a.judge == "closest" ? PrototypeJudge::closest : PrototypeJudge::centre,
                       .shots = a.shots,
                       .seed = run.attention.seed.value_or(0),
                       .to_unit_length = !is_shared});
  return out;
}

namespace {

/// A scaling of features without the place it was read from, which decides no number.
std::string_view numbers_of(std::string_view key, std::string_view value) {
  const std::size_t at = key == "scaling" ? value.find("; amplitude=") : std::string_view::npos;
  return at == std::string_view::npos ? value : value.substr(at);
}

}  // namespace

void require_comparable(const EmbeddingTable& table, const Identity& own,
                        const std::filesystem::path& model) {
  for (const char* const key :
       {"model_sha256", "model_config", "attention", "precision", "scaling", "spectra", "metadata_scaling"}) {
    const std::string_view mine = numbers_of(key, identity_value(own, key));
    const std::string_view theirs = numbers_of(key, identity_value(table.identity, key));
    if (mine.empty() || theirs.empty() || mine == theirs) continue;
    throw Error(
        Diagnostic{.code = Status::bad_model,
                   .file = model.string(),
                   .message = fmt::format("{} is {}, of the prototypes it is {}: they cannot be compared",
                                          key, escaped(mine, 200), escaped(theirs, 200))});
  }
}

bool judge_row(const LabelledEmbeddings& prototypes, const std::vector<float>& embedding,
               MultimodalRow& row) {
  std::vector<float> scores;
  if (!embedding.empty()) {
    scores.resize(prototypes.class_names.size());
    prototypes.prototypes->judge(embedding, row.object_id, scores);
  }
  // `embedding` may be one of the row's.
  row.embeddings = {};
  row.probabilities = std::move(scores);
  if (!row.probabilities.empty()) return true;
  row.status = Status::missing_modality;
  row.modalities.clear();
  return false;
}

}  // namespace astrom3::cli
