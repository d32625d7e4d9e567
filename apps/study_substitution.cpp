// SPDX-License-Identifier: MIT
//
// astrom3 study substitution: how a wrong feature, crop or number of observations changes the embedding.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/features/scaling.h"
#include "astrom3/study/study.h"
#include "command_line.h"
#include "plot.h"
#include "run_options.h"
#include "study.h"
#include "table.h"

namespace astrom3::cli {
namespace {

constexpr double kCardRfr = 0.392;  // the model card's substitute for rfr_score, in z units
constexpr double kFar[] = {-100, -10, 10, 100};

struct Arguments {
  StudyArguments study;
  SubstitutionOptions options;
  std::string what = "rfr_score", range;
  std::vector<std::string> constants;
  AttentionArguments attention;
  bool no_search = false;
};

double number(std::string_view text, const char* option) {
  const std::optional<double> value = number_of(text);
  if (!value || !std::isfinite(*value))
    throw Error(Status::usage, fmt::format("{} {}: expected a number", option, escaped(text)));
  return *value;
}

/// "z:0.392" or a raw value.
double constant_of(const std::string& text, Feature feature, const Scaling& scaling) {
  if (text.starts_with("z:")) return number(text.substr(2), "--constant");
  const double z = scaling.standardise(feature, number(text, "--constant"));
  if (!std::isfinite(z))
    throw Error(Status::usage,
                fmt::format("--constant {}: not a possible {}", escaped(text), feature_name(feature)));
  return z;
}

bool is_feature(Substitution what) {
  return what <= Substitution::rfr_score;
}

void choose_constants(const Arguments& a, const Scaling& scaling, SubstitutionOptions& options) {
  const auto feature = static_cast<Feature>(options.what);
  for (const std::string& text : a.constants)
    options.constants.push_back(constant_of(text, feature, scaling));
  if (a.constants.empty()) {
    if (options.what == Substitution::rfr_score) options.constants.push_back(kCardRfr);
    options.constants.push_back(0);
  }
  options.constants.insert(options.constants.end(), std::begin(kFar), std::end(kFar));
  if (a.range.empty()) return;
  const std::size_t colon = a.range.find(':');
  if (colon == std::string::npos) throw Error(Status::usage, "--range: expected LOW:HIGH in z units");
  options.low = number(a.range.substr(0, colon), "--range");
  options.high = number(a.range.substr(colon + 1), "--range");
  if (!(*options.high > *options.low)) throw Error(Status::usage, "--range: HIGH must be above LOW");
}

Table overall(const std::string& name, const std::string& title,
              const std::vector<const SubstitutionRow*>& rows) {
  Table table{
      .name = name,
      .title = title,
      .columns = {"instead", "z", "raw", "n", "mean", "std", "median", "max", "macro_mean", "macro_std"},
      .rows = {}};
  for (const SubstitutionRow* r : rows) {
    table.rows.push_back({r->name, measured(r->z), measured(r->raw), static_cast<std::int64_t>(r->distance.n),
                          r->distance.mean, r->distance.std, r->distance.median, r->distance.max,
                          r->classes.empty() ? Cell() : Cell(r->macro_mean),
                          r->classes.empty() ? Cell() : Cell(r->macro_std)});
  }
  return table;
}

Table by_class(const SubstitutionStudy& study, const std::vector<const SubstitutionRow*>& rows) {
  const bool feature = is_feature(study.what);
  Table table{.name = "classes",
              .title = "by class: cosine distance of mean, and the class's mean of the true feature",
              .columns = {"instead", "class", "n", "mean", "std"},
              .rows = {}};
  if (feature) table.columns.insert(table.columns.end(), {"true_z", "true_raw"});
  for (const SubstitutionRow* r : rows) {
    for (const ClassDistance& c : r->classes) {
      table.rows.push_back({r->name, c.name, static_cast<std::int64_t>(c.n), c.mean, c.std});
      if (feature) table.rows.back().insert(table.rows.back().end(), {c.true_z, c.true_raw});
    }
  }
  return table;
}

std::vector<Table> tables_of(const SubstitutionStudy& study) {
  std::vector<const SubstitutionRow*> rows, curve;
  if (study.best) rows.push_back(&*study.best);
  for (const SubstitutionRow& row : study.rows) rows.push_back(&row);
  for (const SubstitutionRow& row : study.curve) curve.push_back(&row);
  std::vector<Table> tables{overall("overall", "cosine distance of mean to that of the true input", rows)};
  if (is_feature(study.what)) {
    Table truth{.name = "truth",
                .title = fmt::format("the true {}", substitution_name(study.what)),
                .columns = {"unit", "min", "median", "max", "mean", "std"},
                .rows = {}};
    for (const auto& [unit, d] : {std::pair("z", study.true_z), std::pair("raw", study.true_raw)})
      truth.rows.push_back({std::string(unit), d.min, d.median, d.max, d.mean, d.std});
    tables.insert(tables.begin(), std::move(truth));
  }
  if (!rows.empty() && !rows.front()->classes.empty()) tables.push_back(by_class(study, rows));
  if (!curve.empty()) tables.push_back(overall("curve", "distance over the constant", curve));
  return tables;
}

/// Distance over the constant where there is a curve, bars elsewhere.
std::string plot_of(const SubstitutionStudy& study) {
  const std::string what(substitution_name(study.what));
  if (study.curve.empty()) {
    BarPlot plot{.title = what + " replaced",
                 .x_label = "cosine distance of mean (bar: mean, line: standard deviation)",
                 .bars = {}};
    for (const SubstitutionRow& row : study.rows)
      plot.bars.push_back({row.name, row.distance.mean, row.distance.std});
    return svg_of(plot);
  }
  CurvePlot plot{.title = what + " replaced by a constant",
                 .x_label = "constant [z]",
                 .y_label = "mean cosine distance",
                 .curves = {},
                 .marks = {}};
  Curve all{.name = "all", .points = {}, .strong = true};
  for (const SubstitutionRow& row : study.curve) all.points.emplace_back(*row.z, row.distance.mean);
  for (std::size_t c = 0; c < study.curve.front().classes.size(); ++c) {
    Curve one{.name = study.curve.front().classes[c].name, .points = {}};
    for (const SubstitutionRow& row : study.curve) one.points.emplace_back(*row.z, row.classes[c].mean);
    plot.curves.push_back(std::move(one));
  }
  plot.curves.push_back(std::move(all));
  plot.marks.emplace_back(*study.best->z, fmt::format("best {:.3g}", *study.best->z));
  return svg_of(plot);
}

int run(const Arguments& a) {
  SubstitutionOptions options = a.options;
  options.what = parse_substitution(a.what);
  const StudyInput input = read_study_input(a.study);
  if (is_feature(options.what)) choose_constants(a, input.set.scaling, options);
  options.search = !a.no_search;
  options.n_threads = thread_count(a.study.run.threads, a.study.run.common.verbosity());
  options.isa = chosen_isa(a.study.run.common);
  options.attention = open_encoder(input.checkpoint, a.attention, a.study.run.common)->attention();
  options.precision = parse_precision(a.attention.precision);
  const SubstitutionStudy study = study_substitution(input.checkpoint, input.set, options);
  auto facts = study_facts(input);
  facts.emplace_back("replaced", std::string(substitution_name(study.what)));
  facts.emplace_back("attention", std::string(attention_name(options.attention.form)));
  facts.emplace_back("precision", std::string(precision_name(options.precision)));
  write_study(a.study, tables_of(study), facts, plot_of(study));
  return 0;
}

}  // namespace

void add_study_substitution(Command& study) {
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  Command& command =
      study.subcommand("substitution", "the embedding with a wrong feature, crop or number of observations");
  command.footer(
      "A distance is 1 - cosine between mean and the mean of the undisturbed object. Standard deviations\n"
      "divide by n; macro is the mean over classes. Without --constant the constants are 0 and, for\n"
      "rfr_score, the model card's 0.392. The standardised values -100, -10, 10 and 100 show what happens\n"
      "far out of range. Factors of two, and day aliases of the period, follow. Fewer observations are\n"
      "drawn at random and scaled by their own mean, MAD and time span; the features stay the same. INPUT:\n"
      "light curves, or AstroM3Processed Parquet files (photometry, label).");
  add_study_options(command, a.study);
  add_attention_options(command, a.attention, "full");
  add_precision_option(command, a.attention.precision);
  GroupOfOptions options = command.options.in({"Study"});
  options.add("feature", a.what,
              "what is changed: amplitude, period, lksl_statistic, rfr_score; or crop, observations");
  options.add("constant", a.constants, "VALUE (raw) or z:VALUE that replaces the feature; repeatable");
  options.add(
      "range", a.range,
      "LOW:HIGH [z], where the best constant is searched for (default: the range of the true values)");
  options.add("steps", a.options.n_search, "how many constants the search tries").within(2, 10000);
  options.add("no-search", a.no_search, "try only the constants given");
  options
      .add("keep", a.options.n_observations,
           "how many observations are kept, with --feature observations; repeatable")
      .several()
      .within(1, 1000000);
  options.add("sample-seed", a.options.seed, "seed of the choice of observations");
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
