// SPDX-License-Identifier: MIT
//
// The names of the files in an output folder: of arrays (npy), of a training. Those of a run in parts:
// part_file_names.h.
#pragma once

namespace astrom3 {

/// [N, D] float32: arrays.
inline constexpr const char* kMeanName = "mean.npy";
/// [N, T, D] float32: arrays.
inline constexpr const char* kSequenceName = "sequence.npy";
/// [N, T, 9] float32: arrays.
inline constexpr const char* kTensorName = "x_enc.npy";
/// [N, T] float32: arrays.
inline constexpr const char* kMaskName = "mask.npy";
/// [N, 3, pixels] float32: arrays.
inline constexpr const char* kSpectraName = "spectra.npy";
/// [N, columns] float32: arrays.
inline constexpr const char* kMetadataName = "metadata.npy";
/// One row per object: arrays, training.
inline constexpr const char* kObjectsName = "objects.csv";
/// The Identity: arrays.
inline constexpr const char* kMetaName = "meta.json";
/// How tensors were standardised, as a preprocessor_config.json says it: arrays.
inline constexpr const char* kScalingName = "scaling.json";
/// Rejected objects, and why: arrays, training.
inline constexpr const char* kRejectsName = "rejects.jsonl";

/// Of an output that is one file: after its name without .csv or .parquet.
inline constexpr const char* kMetaSuffix = ".meta.json";
inline constexpr const char* kRejectsSuffix = ".rejects.jsonl";

}  // namespace astrom3
