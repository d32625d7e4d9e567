// SPDX-License-Identifier: MIT
//
// Where a checkpoint's weights come from, as far as it says: for the metadata of an ONNX file and its card.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "astrom3/encoder/checkpoint.h"
#include "onnx/graph.h"

namespace astrom3 {

// Keys of safetensors metadata that carry it from file to file.
inline constexpr std::string_view kLicenseKey = "astrom3.license";
inline constexpr std::string_view kAttributionKey = "astrom3.attribution";

/// The metadata of an ONNX file for facts that the checkpoint does not have.
inline constexpr std::string_view kNotStated = "not stated by the checkpoint";
/// The license_name of its card then.
inline constexpr std::string_view kUnknownLicense = "not-stated-by-the-checkpoint";

struct Provenance {
  bool is_published = false;  ///< the photo checkpoint of the paper's authors, by its sha256
  std::string license{};      ///< SPDX identifier in lower case, as the hub writes it; empty: not stated
  std::string attribution{};  ///< whom to credit; empty: not stated
  Scaling scaling{};          ///< the checkpoint's own, else the published table
  bool has_own_scaling = false;
};

/// The facts in the weights' own metadata, else in the front matter of a README.md or MODEL_CARD.md beside
/// them: `license` (`license_name` where that is `other`) and `attribution`.
Provenance provenance_of(const Checkpoint& checkpoint);

/// The metadata of weights that were taken out of an ONNX file of these bytes: its hash, and what the graph
/// states of licence, credit and form of attention.
std::map<std::string, std::string> metadata_of_import(const OnnxGraph& graph, std::string_view bytes);

}  // namespace astrom3
