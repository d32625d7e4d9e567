// SPDX-License-Identifier: MIT
//
// Spectra, found by the names of their files and objects.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/pipeline/embed_modalities.h"
#include "base/keyed_hash.h"
#include "pipeline/embedded_spectra.h"

namespace astrom3 {

/// Finds spectra by object_id, by any of their ids, by their file as it was named and by its name without
/// folders.
class SpectraByName {
 public:
  SpectraByName(const std::vector<EmbeddedSpectrum>& spectra, PickSpectrum pick);

  struct Found {
    std::size_t index = 0;
    bool several = false;  ///< several spectra have that name, and none was to be picked
  };
  std::optional<Found> find(std::string_view name) const;

 private:
  void add(const std::string& name, std::size_t index);

  const std::vector<EmbeddedSpectrum>& spectra_;
  PickSpectrum pick_;
  TextMap<Found> by_name_;
};

}  // namespace astrom3
