// SPDX-License-Identifier: MIT
//
// How the inputs of a run are recognised when it is resumed: by their names and by their content.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

/// One digest for each input, in their order, of its name as given and of its content: the whole content of a
/// file up to 64 MiB; for a larger file its size, modification time, resolved path, and blocks at its
/// beginning, at its end and in between. An input that cannot be read has a special digest.
struct InputDigests {
  std::string sampled;  ///< kInputDigestDigits hex digits each
  std::string whole;    ///< the same with the whole content of every file; empty if not wanted
};

inline constexpr std::size_t kInputDigestDigits = 32;

/// Reads the inputs. Throws Stopped as throw_if_stopped().
InputDigests digest_inputs(const std::vector<std::filesystem::path>& files, bool whole);

/// The inputs of now, compared with those of an earlier time.
struct InputComparison {
  std::string differences{};  ///< "\n  FILE: was changed", a line each, the first few; empty: the same
  std::vector<std::size_t> now_readable{};  ///< could not be read then, and can be now
};

/// If both have `whole`, it decides, and a large file may have been moved or touched. Throws Error usage if
/// `now` has `whole` and `then` has not: digests that were not recorded cannot be verified.
InputComparison compare_inputs(const InputDigests& then, const InputDigests& now,
                               const std::vector<std::filesystem::path>& files);

}  // namespace astrom3
