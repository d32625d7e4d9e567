// SPDX-License-Identifier: MIT
//
// Studies of a model on real objects: how a wrong input, another form of attention or another precision
// changes its embeddings.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/classes/labels.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/features/catalog.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/source/source.h"

namespace astrom3 {

/// An object of a study: all its observations in the channels of the encoder, before crop and padding.
struct StudyObject {
  std::string object_id;
  std::int64_t label = -1;  ///< index into StudySet::class_names; -1: not known
  std::vector<float> rows;  ///< [N, 9] channels scaled and standardised
};

struct StudySet {
  std::vector<StudyObject> objects;
  std::vector<std::string> class_names;
  Scaling scaling;  ///< of channels 3-6, for values in raw units
  std::uint64_t n_left_out = 0;
  std::vector<Diagnostic> left_out;  ///< why, the first ten
};

struct StudyReading {
  std::size_t per_class = 0;  ///< how many objects of each class, the first ones; 0: all
  std::size_t limit = 0;      ///< how many objects together, the first ones; 0: all
};

/// Whether the first of `files` that can be read as Parquet has a column `photometry`.
bool are_study_tensors(const std::vector<std::filesystem::path>& files);

/// AstroM3Processed: Parquet with `photometry`, a list of rows of nine standardised channels, and `label`, an
/// index into the checkpoint's classes. Rows that are empty, null, not nine wide or not finite are left out
/// and counted; a file that cannot be read is left out from the place of the error on.
StudySet read_study_tensors(const std::vector<std::filesystem::path>& files, const EncoderConfig& config,
                            const Scaling& scaling, const StudyReading& reading = {});

/// Passes light curves through cleaning, features (measured or from the catalogue) and scaling. Objects that
/// cannot be embedded are left out and counted. catalog may be null; labels may be empty.
StudySet read_study_light_curves(Source& source, const Catalog* catalog, const Labels& labels,
                                 const EncoderConfig& config, const ObjectOptions& options,
                                 const StudyReading& reading = {}, std::size_t n_threads = 0);

/// Mean, standard deviation (divided by n), median and extremes.
struct Distribution {
  std::size_t n = 0;
  double mean = 0, std = 0, min = 0, median = 0, max = 0;
};
Distribution describe(std::vector<double> values);

// ---- attention -------------------------------------------------------------------------------------------

struct AttentionStudyOptions {
  std::size_t n_seeds = 8;  ///< draws of ProbSparse, at least 2
  std::uint64_t first_seed = 0;
  std::size_t n_neighbours = 10;
  std::size_t n_threads = 0;
  Isa isa = default_isa();
  Precision precision = Precision::float32;
};

/// How far two forms differ over all objects (and over all seeds, or pairs of seeds, if there are several).
struct FormComparison {
  std::string a, b;
  Distribution distance;             ///< cosine distance of `mean`
  std::optional<double> same_class;  ///< fraction to which the head gives the same class; needs a head
  double neighbours_kept = 0;        ///< fraction of the nearest neighbours that stay the same
};

/// How often the head of one form is right.
struct FormAccuracy {
  std::string form;
  double right = 0;           ///< fraction of labelled objects
  double balanced_right = 0;  ///< mean of the classes' fractions
};

struct AttentionStudy {
  std::size_t n_objects = 0, n_labelled = 0, n_neighbours = 0, n_seeds = 0;
  std::vector<FormComparison> comparisons;
  std::vector<FormAccuracy> accuracies;  ///< empty without labels or head
};

/// Throws Error no_input if there are fewer than two objects.
AttentionStudy study_attention(std::shared_ptr<const Checkpoint> checkpoint, const StudySet& set,
                               const AttentionStudyOptions& options = {});

// ---- substitution ----------------------------------------------------------------------------------------

/// What is replaced: one of the four features, the steps that are kept (scaled by all observations, as the
/// recipe does), or the number of observations (scaled by those that are left, features as they were).
enum class Substitution : std::uint8_t { amplitude, period, lksl_statistic, rfr_score, crop, observations };

struct SubstitutionOptions {
  Substitution what = Substitution::rfr_score;
  std::vector<double> constants;    ///< z units; features only
  bool search = true;               ///< for the best constant
  std::optional<double> low, high;  ///< of the search, z; default: the true values' range
  std::size_t n_search = 25;        ///< how many constants the search tries
  std::vector<std::size_t> n_observations = {150, 100, 50, 20, 10};
  std::uint64_t seed = 0;  ///< which observations are kept
  std::size_t n_threads = 0;
  Isa isa = default_isa();
  AttentionOptions attention = {};
  Precision precision = Precision::float32;
};

struct ClassDistance {
  std::string name;
  std::size_t n = 0;
  double mean = 0, std = 0;
  double true_z = 0, true_raw = 0;  ///< mean of the feature that was replaced, and its raw equivalent
};

/// One substitute for the true value: the cosine distance of `mean` to the undisturbed `mean`.
struct SubstitutionRow {
  std::string name;
  std::optional<double> z, raw;          ///< of a constant
  Distribution distance;                 ///< over all objects for which it is possible
  double macro_mean = 0, macro_std = 0;  ///< of the classes' means; 0 without labels
  std::vector<ClassDistance> classes;
};

struct SubstitutionStudy {
  Substitution what = Substitution::rfr_score;
  std::size_t n_objects = 0;
  Distribution true_z, true_raw;        ///< features only
  std::vector<SubstitutionRow> rows;    ///< constants, then errors such as "period * 2"
  std::vector<SubstitutionRow> curve;   ///< of the search, by z
  std::optional<SubstitutionRow> best;  ///< the constant with the smallest overall distance
};

std::string_view substitution_name(Substitution what) noexcept;
Substitution parse_substitution(std::string_view name);  ///< Throws Error usage.

/// Throws Error no_input if no object is left.
SubstitutionStudy study_substitution(std::shared_ptr<const Checkpoint> checkpoint, const StudySet& set,
                                     const SubstitutionOptions& options);

// ---- precision -------------------------------------------------------------------------------------------

struct PrecisionStudyOptions {
  std::size_t n_neighbours = 10;
  std::size_t n_threads = 0;
  Isa isa = default_isa();
  AttentionOptions attention = {};
};

/// How embeddings in one precision differ from those in float32.
struct PrecisionError {
  Precision precision = Precision::int8;
  Distribution distance;                    ///< cosine distance of `mean`
  double distance_90 = 0, distance_99 = 0;  ///< percentiles: 90 % and 99 % of objects are not farther
  std::string worst_object;                 ///< whose distance is the largest
  double largest_delta = 0;                 ///< of any number of any embedding
  std::optional<double> same_class;         ///< fraction that the head puts into the same class
  double neighbours_kept = 0;               ///< fraction of nearest neighbours that stay
  std::vector<std::pair<std::string, Distribution>> classes;  ///< distances by label
};

struct PrecisionStudy {
  std::size_t n_objects = 0, n_neighbours = 0;
  std::vector<PrecisionError> errors;  ///< of every precision but float32
};

/// Throws Error no_input if there are fewer than two objects, unsupported_isa if this CPU lacks instructions
/// that a precision needs.
PrecisionStudy study_precision(std::shared_ptr<const Checkpoint> checkpoint, const StudySet& set,
                               const PrecisionStudyOptions& options = {});

}  // namespace astrom3
