// SPDX-License-Identifier: MIT
//
// Objects with any of their modalities to one row each: light curves, spectra and a table of metadata,
// joined.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/features/catalog.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/embed_table.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "astrom3/spectrum/read_spectra.h"

namespace astrom3 {

/// Which of several spectra of one object is taken.
enum class PickSpectrum : std::uint8_t { none, first, last, best_snr };

/// What goes in. Everything that a pointer leads to must outlive the run.
struct ModalitySources {
  Source* light_curves = nullptr;    ///< null: none
  const Catalog* catalog = nullptr;  ///< of features; may be null
  GivenFeatures given;               ///< of the light curves, in their order; before the others
  ObjectOptions object;              ///< of the light curves
  std::vector<std::filesystem::path> spectra;
  std::span<const SpectrumObject> spectra_in_memory;  ///< after those of the files
  SpectrumReading reading;
  SpectrumOptions spectrum;
  PickSpectrum pick = PickSpectrum::none;
  const MetadataTable* metadata = nullptr;  ///< null: none
  /// For the embeddings of spectra. Those beyond it are not kept: their files are read again when they are
  /// needed.
  std::size_t memory_bytes = std::size_t{512} << 20;
  /// Which spectrum a light curve has: object_id of the light curve to the file or name of the spectrum. An
  /// object without an entry is joined by the spectrum's file name, or by an id that the file holds.
  std::map<std::string, std::string, std::less<>> pairs;
};

/// One object. Embeddings are empty where there is none.
struct MultimodalRow {
  std::string object_id;
  Status status = Status::ok;
  std::vector<std::string>
      flags;  ///< of the light curve as they are; "spectra:gap"; "metadata:missing_value"
  std::vector<Modality> modalities;  ///< that could be embedded
  PerModality<std::vector<float>> embeddings;
  std::vector<float> fused;
  std::vector<float> logits;           ///< of the head's classes, where probabilities are asked for
  std::vector<float> probabilities;    ///< exp(logit) / sum exp(logit)
  std::vector<Diagnostic> rejections;  ///< what kept a modality from being embedded; its column names it
};

struct MultimodalRequest {
  PerModality<bool> modalities{true, true, true};  ///< to be embedded, of those the checkpoint has
  bool require_all = false;                        ///< an object is ok only with all of them; else with one
  bool probabilities = false;
  std::size_t n_threads = 0;
  RunOptions limits{};  ///< strict, max_rejects and max_reject_fraction of it
};

struct MultimodalSummary {
  std::uint64_t n_objects = 0, n_ok = 0;
  PerModality<std::uint64_t> n_embedded{};
  std::map<std::string, std::uint64_t> rejected;  ///< "spectra:coverage" and how often
};

MultimodalSummary multimodal_summary(const RunSummary& summary);

/// Takes every object's row, in order.
using MultimodalRowConsumer = std::function<void(const MultimodalRow&)>;

/// Rows in this order: every light curve as it is read, joined with its spectrum and its metadata; then the
/// spectra that no light curve took; without light curves and spectra, the rows of the metadata. A modality
/// that cannot be embedded keeps its object, which says why in `flags`; each such case goes to `rejects`,
/// too.
///
/// Spectra are embedded first: their embeddings, and not their pixels, are held in memory. Rows are the same
/// bits for any number of threads. Throws Error usage where a modality is asked for that the checkpoint
/// lacks, too_many_rejects, interrupted, output_error.
MultimodalSummary embed_modalities(const ModalitySources& sources, const MultimodalEncoder& encoder,
                                   const MultimodalRequest& request, const MultimodalRowConsumer& consumer,
                                   RejectLog* rejects, const std::atomic<bool>* stop = nullptr,
                                   const std::function<void(const RunProgress&)>& progress = {});

/// The same rows without embeddings: light curves are read and cleaned, spectra prepared, metadata
/// standardised, and nothing is encoded. To see what will be rejected.
///
/// are_read  the modalities of the checkpoint that the objects are for
MultimodalSummary check_modalities(const ModalitySources& sources, const PerModality<bool>& are_read,
                                   const MultimodalRequest& request, const MultimodalRowConsumer& consumer,
                                   const std::atomic<bool>* stop = nullptr,
                                   const std::function<void(const RunProgress&)>& progress = {});

/// What an output of the run says of itself: the checkpoint with its identity, the form of attention, the
/// grid and the treatment of spectra, the columns of metadata and their scaling.
Identity describe_modalities(const ModalitySources& sources, const MultimodalEncoder& encoder,
                             const MultimodalRequest& request);

/// object_id of a light curve and file or name of its spectrum, of a table with the columns object_id (or
/// light_curve) and spectrum. Throws Error bad_metadata, also for a light curve that is there twice.
std::map<std::string, std::string, std::less<>> read_pairs(const std::filesystem::path& file);

}  // namespace astrom3
