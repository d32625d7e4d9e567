// SPDX-License-Identifier: MIT
//
// Many light curves that are in memory already, embedded by several threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "astrom3/pipeline/embed_object.h"
#include "astrom3/source/light_curve_table.h"

namespace astrom3 {

/// Feature values given for each light curve: value[feature] [N] or null where it is measured.
struct GivenFeatures {
  std::array<const double*, kFeatureCount> value{};
  std::array<bool, kFeatureCount> standardised{};

  /// Those of light curve i, with `others` for the features of which none is given here.
  FeatureOverrides of(std::size_t i, FeatureOverrides others) const;
};

struct BatchOptions {
  ObjectOptions object;
  GivenFeatures given;                 ///< come before object.overrides
  std::size_t n_threads = 0;           ///< 0: all this process may use
  const std::int32_t* stop = nullptr;  ///< not 0, at any time: the call ends early
  std::int64_t* n_done = nullptr;      ///< light curves finished so far, for progress
};

/// Where embed_batch() writes; a null pointer: this output is not wanted. N light curves, T steps,
/// D width. A rejected light curve has NaN in mean, sequence, logits and the numbers, zeros in the
/// tensors (as `astrom3 preprocess` writes them).
struct BatchOutput {
  float* mean = nullptr;                    ///< [N, D]
  float* sequence = nullptr;                ///< [N, T, D]
  float* logits = nullptr;                  ///< [N, classes]
  float* x_enc = nullptr;                   ///< [N, T, 9]
  float* mask = nullptr;                    ///< [N, T]
  Status* status = nullptr;                 ///< [N]
  std::uint32_t* flags = nullptr;           ///< [N] bits of Flag
  std::int64_t* n_raw = nullptr;            ///< [N] observations given, after the selection
  std::int64_t* n_used = nullptr;           ///< [N] steps with mask 1, or observations left
  double* features = nullptr;               ///< [N, 4] raw units, in the order of Feature
  FeatureSource* feature_source = nullptr;  ///< [N, 4]
  double* log10_mad = nullptr;              ///< [N]
  double* delta_t = nullptr;                ///< [N] years of 365 days
};

struct BatchSummary {
  std::size_t n_ok = 0;
  std::size_t first_rejected = 0;             ///< number of the first rejected light curve, if there is one
  std::optional<Diagnostic> first_rejection;  ///< why it was rejected
};

/// Embeds every light curve of `table`, as far as `output` needs it.
///
/// encoder  may be null if neither mean, sequence nor logits are wanted
/// Throws   Error usage (logits without a head, an output without an encoder), interrupted
/// Memory   beside the output: one light curve and one scratch of the encoder per thread
/// The same bits for any number of threads and however the light curves are divided into tables.
BatchSummary embed_batch(const LightCurveTable& table, const Encoder* encoder, const BatchOptions& options,
                         const BatchOutput& output);

}  // namespace astrom3
