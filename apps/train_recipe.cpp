// SPDX-License-Identifier: MIT
//
// --recipe astrom3: the numbers of upstream's configurations of the full split, for every modality, from
// random weights and from CLIP.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "train_arguments.h"

namespace astrom3::cli {
namespace {

/// One column of upstream's table. "": the option is not its business.
struct RecipeColumn {
  const char *lr, *beta1, *weight_decay, *photo_dropout, *spectra_dropout, *metadata_dropout, *clip,
      *plateau_factor, *epochs;
};

struct Recipe {
  RecipeColumn random, from_clip;
};

constexpr RecipeColumn kClip{"0.003921", "0.9262", "4.670e-3", "0.2451", "0.3393",
                             "0.1595",   "45",     "0.1125",   "100"};
constexpr Recipe kPhoto{{"0.002925", "0.9896", "4.71e-5", "0.2309", "", "", "5", "0.5055", "50"},
                        {"0.0009338", "0.8348", "4.658e-4", "0.1490", "", "", "5", "0.3853", "50"}};
constexpr Recipe kSpectra{{"0.003970", "0.7623", "1.580e-4", "", "0.3161", "", "5", "0.6019", "50"},
                          {"0.002551", "0.8721", "8.09e-5", "", "0.3994", "", "5", "0.6216", "50"}};
constexpr Recipe kMetadata{{"0.002745", "0.9220", "2.618e-4", "", "", "0.1917", "0", "0.3721", "50"},
                           {"0.003807", "0.7596", "8.92e-5", "", "", "0.3264", "0", "0.3319", "50"}};
constexpr Recipe kAll{{"0.004246", "0.9150", "6.93e-5", "0.1054", "0.3509", "0.3165", "0", "0.1004", "50"},
                      {"0.009504", "0.9456", "5.94e-5", "0.2330", "0.1768", "0.1177", "0", "0.1965", "50"}};

const RecipeColumn& column_of(const TrainArguments& a) {
  if (a.objective == "clip") return kClip;
  const Recipe& recipe = a.modality == "photo"     ? kPhoto
                         : a.modality == "spectra" ? kSpectra
                         : a.modality == "all"     ? kAll
                                                   : kMetadata;
  return a.from.empty() ? recipe.random : recipe.from_clip;
}

}  // namespace

void apply_recipe(const TrainArguments& a, OptionTable& options) {
  if (a.recipe != "astrom3") return;
  if (a.objective == "contrast")
    throw Error(Status::usage, "--recipe astrom3 has nothing for --objective contrast");
  const RecipeColumn& column = column_of(a);
  const std::pair<const char*, const char*> values[] = {{"lr", column.lr},
                                                        {"beta1", column.beta1},
                                                        {"weight-decay", column.weight_decay},
                                                        {"dropout", column.photo_dropout},
                                                        {"spectra-dropout", column.spectra_dropout},
                                                        {"metadata-dropout", column.metadata_dropout},
                                                        {"clip", column.clip},
                                                        {"plateau-factor", column.plateau_factor},
                                                        {"epochs", column.epochs},
                                                        {"batch-size", "512"},
                                                        {"drop-last", "true"},
                                                        {"optimiser", "adam"},
                                                        {"schedule", "astrom3"},
                                                        {"warmup", "10"},
                                                        {"plateau-patience", "3"},
                                                        {"patience", "6"},
                                                        {"select", "accuracy"},
                                                        {"dropout-form", "upstream"},
                                                        {"clip-scale", "100"}};
  for (const auto& [name, text] : values) {
    Option& option = options.at(name);
    if (*text != '\0' && !option.is_set()) option.set(text);
  }
  Option& attention = options.at("attention");
  if (a.gives(Modality::photo) && !attention.is_set()) attention.set("probsparse");
}

}  // namespace astrom3::cli
