// SPDX-License-Identifier: MIT
//
// How the tensors of a checkpoint, or of a folder of arrays, were made: one text for both.
#pragma once

#include <optional>
#include <string>

#include "astrom3/features/scaling.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/spectrum/spectrum.h"

namespace astrom3 {

/// Of each modality what its tensors were made with; nothing of those that are not there.
struct TensorScaling {
  std::optional<Scaling> photo;
  std::optional<SpectrumGrid> spectra;
  std::optional<MetadataScaling> metadata;

  /// The text of a preprocessor_config.json, from which all numbers are read back to the bit.
  std::string text() const;
};

}  // namespace astrom3
