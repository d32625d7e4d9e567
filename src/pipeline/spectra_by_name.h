// SPDX-License-Identifier: MIT
//
// Spectra that are embedded already, found by the names of their files and objects.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/pipeline/embed_modalities.h"
#include "base/keyed_hash.h"

namespace astrom3 {

/// A spectrum without its pixels.
struct EmbeddedSpectrum {
  std::string object_id, file;
  std::vector<std::string> ids;
  Status status = Status::ok;
  std::string message;
  Hint hint;
  std::vector<std::string> flags;
  std::optional<double> snr;
  std::vector<float> embedding;
};

/// All spectra of the files, read and embedded by several threads, in the order of the files.
std::vector<EmbeddedSpectrum> embed_spectra(const ModalitySources& sources, const MultimodalEncoder& encoder,
                                            std::size_t n_threads);

/// The same without an encoder: `embedding` holds the three channels on the grid. For training.
std::vector<EmbeddedSpectrum> prepare_spectra(const ModalitySources& sources, std::size_t n_threads);

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
