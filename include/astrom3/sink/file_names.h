// SPDX-License-Identifier: MIT
//
// The names of the files in an output folder: of arrays (npy), of a run in parts, of a training.
#pragma once

namespace astrom3::file_names {

inline constexpr const char* kMean = "mean.npy";            ///< [N, D] float32: arrays
inline constexpr const char* kSequence = "sequence.npy";    ///< [N, T, D] float32: arrays
inline constexpr const char* kTensor = "x_enc.npy";         ///< [N, T, 9] float32: arrays
inline constexpr const char* kMask = "mask.npy";            ///< [N, T] float32: arrays
inline constexpr const char* kObjects = "objects.csv";      ///< one row per object: arrays, training
inline constexpr const char* kMeta = "meta.json";           ///< the Identity: arrays
inline constexpr const char* kRejects = "rejects.jsonl";    ///< rejected objects, and why: all three
inline constexpr const char* kManifest = "manifest.jsonl";  ///< the finished parts: a run in parts
inline constexpr const char* kSummary = "summary.json";     ///< at the end: a run in parts

/// Of an output that is one file: after its name without .csv or .parquet.
inline constexpr const char* kMetaSuffix = ".meta.json";
inline constexpr const char* kRejectsSuffix = ".rejects.jsonl";

}  // namespace astrom3::file_names
