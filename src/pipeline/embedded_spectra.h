// SPDX-License-Identifier: MIT
//
// The spectra of a run: all of them known by their names, their embeddings in memory as far as it is allowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/pipeline/embed_modalities.h"
#include "pipeline/modality_output.h"

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
  std::size_t file_number = 0, number_in_file = 0;
  bool is_complete = false;  ///< prepared and embedded; else only its names are known
};

class EmbeddedSpectra {
 public:
  /// Reads all spectra in the order of their files, and embeds them by several threads until the embeddings
  /// (or whatever the output makes of spectra) take sources.memory_bytes; those behind are read again when
  /// they are needed.
  ///
  /// are_wanted  false: none is read
  /// progress    is told the bytes of the files as they are read; may be empty
  EmbeddedSpectra(const ModalitySources& sources, const ModalityOutput& output, bool are_wanted,
                  std::size_t n_threads, const std::function<void(std::uint64_t)>& progress);

  const std::vector<EmbeddedSpectrum>& all() const noexcept { return spectra_; }
  std::size_t size() const noexcept { return spectra_.size(); }

  /// Makes these complete, until the next call. The same bits as if they had been from the start.
  void complete(std::span<const std::size_t> numbers);
  /// One that is complete.
  const EmbeddedSpectrum& at(std::size_t number) const;

 private:
  void embed_in_memory();

  const ModalitySources& sources_;
  const ModalityOutput& output_;
  std::size_t n_threads_;
  std::vector<EmbeddedSpectrum> spectra_;
  std::map<std::size_t, EmbeddedSpectrum> completed_;
};

/// All spectra of the files without an encoder: `embedding` holds the three channels on the grid. For
/// training.
std::vector<EmbeddedSpectrum> prepare_spectra(const ModalitySources& sources, std::size_t n_threads);

}  // namespace astrom3
