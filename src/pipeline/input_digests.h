// SPDX-License-Identifier: MIT
//
// How the inputs of a run are known again: by their names and by what is in them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

/// One digest for each input, in their order. Each holds the name as it was given and the content: of a file
/// up to 64 MiB all of it; of a larger one size, modification time, resolved path, and head, tail and blocks
/// in between. An input that cannot be read has a digest of its own.
struct InputDigests {
  std::string sampled;  ///< kInputDigestDigits hex digits each
  std::string whole;    ///< the same with all of every file; empty where that was not asked for
};

inline constexpr std::size_t kInputDigestDigits = 32;

/// Reads the inputs. Throws Stopped as throw_if_stopped().
InputDigests digest_inputs(const std::vector<std::filesystem::path>& files, bool whole);

/// Inputs now against inputs then.
struct InputComparison {
  std::string differences{};  ///< "\n  FILE: was changed", a line each, the first few; empty: the same
  std::vector<std::size_t> now_readable{};  ///< could not be read then, and can be now
};

/// Where both have `whole`, that decides; a large file may then have been moved or touched.
/// Throws Error usage where `now` has `whole` and `then` has not: what was not recorded cannot be verified.
InputComparison compare_inputs(const InputDigests& then, const InputDigests& now,
                               const std::vector<std::filesystem::path>& files);

}  // namespace astrom3
