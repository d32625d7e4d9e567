// SPDX-License-Identifier: MIT
//
// The names of the files of a run in parts, beside the parts. Readers of folders (pandas, Arrow, Spark) take
// names that begin with `_` for no data.
#pragma once

namespace astrom3 {

/// The finished parts.
inline constexpr const char* kPartsManifestName = "_manifest.jsonl";
/// Rejected objects, and why.
inline constexpr const char* kPartsRejectsName = "_rejects.jsonl";
/// At the end.
inline constexpr const char* kPartsSummaryName = "_summary.json";

}  // namespace astrom3
