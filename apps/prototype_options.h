// SPDX-License-Identifier: MIT
//
// classify by labelled embeddings in the place of a head: options, the prototypes, judged rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/downstream/embeddings.h"
#include "astrom3/downstream/prototypes.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/sink/sink.h"
#include "command_line.h"
#include "run_options.h"

namespace astrom3::cli {

/// Of the columns of scores: s_EW, s_EA, ...
inline constexpr const char* kScorePrefix = "s_";

struct PrototypeArguments {
  std::vector<std::string> files;  ///< embeddings
  std::string labels, column, judge = "centre";
  std::size_t shots = 0;

  bool are_given() const { return !files.empty(); }
  /// --seed is of the shots unless attention draws, too.
  std::optional<std::uint64_t> seed_of_attention(const AttentionArguments& of_run) const;
};

/// Throws Error usage where an option of prototypes is given without them.
void add_prototype_options(Command& command, PrototypeArguments& arguments);
void check_prototype_options(const PrototypeArguments& arguments);

struct LabelledEmbeddings {
  EmbeddingTable table;
  std::vector<std::string> class_names;
  std::optional<Prototypes> prototypes;
};

/// Reads --prototypes and --labels; notes what has no label.
LabelledEmbeddings read_prototypes(const PrototypeArguments& arguments, const RunArguments& run);

/// Throws Error bad_model where the prototypes were made in another way than `own` says: by another model,
/// form of attention, precision, scaling or treatment of spectra. Which modalities were given does not
/// matter.
void require_comparable(const EmbeddingTable& table, const Identity& own, const std::filesystem::path& model);

/// Replaces a row's embeddings by scores; false, with the status, where it has none to judge by.
bool judge_row(const LabelledEmbeddings& prototypes, const std::vector<float>& embedding, MultimodalRow& row);

/// classify of light curves with a photo checkpoint.
int classify_by_prototypes(const RunArguments& run, const PrototypeArguments& arguments);

}  // namespace astrom3::cli
