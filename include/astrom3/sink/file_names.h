// SPDX-License-Identifier: MIT
//
// The names of the files in an output folder: of arrays (npy), of a run in parts, of a training.
#pragma once

namespace astrom3::file_names {

/// [N, D] float32: arrays.
inline constexpr const char* kMean = "mean.npy";
/// [N, T, D] float32: arrays.
inline constexpr const char* kSequence = "sequence.npy";
/// [N, T, 9] float32: arrays.
inline constexpr const char* kTensor = "x_enc.npy";
/// [N, T] float32: arrays.
inline constexpr const char* kMask = "mask.npy";
/// One row per object: arrays, training.
inline constexpr const char* kObjects = "objects.csv";
/// The Identity: arrays.
inline constexpr const char* kMeta = "meta.json";
/// Rejected objects, and why: all three.
inline constexpr const char* kRejects = "rejects.jsonl";
/// The finished parts: a run in parts.
inline constexpr const char* kManifest = "manifest.jsonl";
/// At the end: a run in parts.
inline constexpr const char* kSummary = "summary.json";

/// Of an output that is one file: after its name without .csv or .parquet.
inline constexpr const char* kMetaSuffix = ".meta.json";
inline constexpr const char* kRejectsSuffix = ".rejects.jsonl";

}  // namespace astrom3::file_names
