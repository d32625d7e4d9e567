// SPDX-License-Identifier: MIT
//
// The light curves of a training on disk, so that they are read and measured once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "training/objects.h"

namespace astrom3::training {

/// What decides the objects of `run`: the bytes of every input, the labels, and each option that changes a
/// number. Throws Error io_error.
std::string cache_key(const TrainingRun& run);

/// The same of a training without light curves: the labels alone; describe_sources() says the rest.
std::string labels_key(const TrainingRun& run);

/// SHA-256 over the names, without their folders, and the bytes of all files. Throws Error io_error.
std::string hash_of_files(const std::vector<std::filesystem::path>& files);

/// Throws Error output_error.
void write_cache(const std::filesystem::path& file, const std::string& key, const TrainingObjects& objects);

/// The objects of a file written under the same key. Nothing where there is none, it is damaged, or the key
/// is another: then they are read anew.
std::optional<TrainingObjects> read_cache(const std::filesystem::path& file, const std::string& key);

}  // namespace astrom3::training
