// SPDX-License-Identifier: MIT
//
// Objects as training keeps them: light curves cleaned and scaled, all observations, with their features;
// spectra on the grid; metadata standardised.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/training/training.h"

namespace astrom3::training {

/// Of each observation: time, flux and flux_err as the encoder takes them (channels 0-2).
inline constexpr std::size_t kObserved = 3;

struct TrainingObject {
  std::string object_id;
  std::string label;                             ///< empty: none; "A|B": one of these
  std::vector<float> observations;               ///< [N, 3], before any crop to T
  std::array<double, kFeatureCount> features{};  ///< raw units, of the whole light curve
  bool is_standardised = false;                  ///< of tensors: `features` are z-scores already
  double log10_mad = 0, delta_t = 0;             ///< likewise: channels 7 and 8
  std::vector<TrainingObject> copies{};          ///< disturbed, measured anew; of training objects alone
  std::vector<float> spectrum{};                 ///< [3, grid]; empty unless spectra are used
  std::vector<float> metadata{};                 ///< [columns]; empty until they are standardised

  std::size_t size() const noexcept { return observations.size() / kObserved; }
};

/// Channels 0-2 of every row, or of the `limit` around the centre where there are more.
///
/// rows  [N, 9]
std::vector<float> kept_observations(std::span<const float> rows, std::size_t limit);

inline constexpr std::size_t kFirstRejects = 10;

/// In the order of the input.
struct TrainingObjects {
  std::vector<TrainingObject> objects;
  std::string rejects;  ///< lines of rejects.jsonl
  std::uint64_t n_rejected = 0, n_unlabelled = 0;
  std::uint64_t n_incomplete = 0;         ///< left out for want of a modality, among the rejects
  std::uint64_t n_labels_met = 0;         ///< labels with a light curve, also a rejected one
  std::vector<Diagnostic> first_rejects;  ///< up to kFirstRejects
  std::vector<Diagnostic> warnings;       ///< of the reader
};

/// Reads, cleans and measures every object of `run`. Those that cannot be embedded, and, to classify, those
/// without a label are left out and listed. Throws what open_source() throws, and Error interrupted.
TrainingObjects read_objects(const TrainingRun& run, const std::atomic<bool>* stop,
                             const std::function<void(std::uint64_t n_read)>& progress);

}  // namespace astrom3::training
