// SPDX-License-Identifier: MIT
//
// What the files of an output folder are called: of arrays (npy), of a run in parts, of a training.
#pragma once

namespace astrom3::file_names {

inline constexpr const char* kMean = "mean.npy";            ///< [N, D] float32: arrays
inline constexpr const char* kSequence = "sequence.npy";    ///< [N, T, D] float32: arrays
inline constexpr const char* kTensor = "x_enc.npy";         ///< [N, T, 9] float32: arrays
inline constexpr const char* kMask = "mask.npy";            ///< [N, T] float32: arrays
inline constexpr const char* kObjects = "objects.csv";      ///< an object a row: arrays, training
inline constexpr const char* kMeta = "meta.json";           ///< the Identity: arrays
inline constexpr const char* kRejects = "rejects.jsonl";    ///< what was rejected, and why: all of them
inline constexpr const char* kManifest = "manifest.jsonl";  ///< the finished parts: a run
inline constexpr const char* kSummary = "summary.json";     ///< at the end of it: a run

/// Of an output that is one file: after its name without .csv or .parquet.
inline constexpr const char* kMetaSuffix = ".meta.json";
inline constexpr const char* kRejectsSuffix = ".rejects.jsonl";

}  // namespace astrom3::file_names
