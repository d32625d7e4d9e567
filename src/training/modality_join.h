// SPDX-License-Identifier: MIT
//
// Objects with all modalities that a training uses: light curves joined with spectra and a table of metadata.
#pragma once

#include <atomic>
#include <string>

#include "training/objects.h"

namespace astrom3::training {

/// Gives every object its spectrum, and leaves out those without one of the modalities, which are listed in
/// `all.rejects` with the reason. Without light curves the objects are the spectra, else the rows of the
/// metadata; with the objective classify those without a label are left out, too. Metadata stay to be
/// standardised. Throws Error interrupted, and what reading throws.
void join_modalities(const TrainingRun& run, const std::atomic<bool>* stop, TrainingObjects& all);

/// The columns of metadata standardised, with the run's scaling or one fitted to the training objects: mean
/// and standard deviation (ddof 0) of the transformed values, 1 for a column that does not vary. Returns the
/// scaling.
MetadataScaling standardise_objects(const TrainingRun& run, TrainingObjects& all);

/// What decides the spectra and metadata of a run: options, columns, and the bytes of every file.
std::string describe_sources(const TrainingModalities& modalities);

}  // namespace astrom3::training
