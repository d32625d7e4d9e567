// SPDX-License-Identifier: MIT
//
// What a command with several modalities reads: light curves, spectra, metadata, opened for a checkpoint.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/catalog.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "modality_options.h"
#include "run_options.h"

namespace astrom3::cli {

/// What a checkpoint says of its inputs. Everything is optional but the number of steps.
struct ModelInputs {
  const MultimodalCheckpoint* checkpoint = nullptr;  ///< with which a scaling of metadata may be
  std::optional<std::filesystem::path> info;         ///< downloaded with the checkpoint
  const Checkpoint* photo = nullptr;  ///< whose scaling light curves get; null: by --scaling alone
  bool has_photo = true;
  std::size_t n_steps = 200;
};

class ModalityInputs {
 public:
  /// Opens what is given, prints the warnings. Throws Error usage where nothing is, bad_scaling where nothing
  /// says how metadata are standardised.
  ModalityInputs(const RunArguments& arguments, const ModalityArguments& modalities,
                 const ModelInputs& model);

  const ModalitySources& sources() const { return sources_; }
  const RunOptions& options() const { return options_; }
  const std::vector<std::filesystem::path>& light_curves() const { return light_curves_; }
  /// Tables that are in memory already: of metadata, their scaling, of pairs.
  std::vector<std::filesystem::path> tables() const;
  std::size_t metadata_columns() const;
  /// What the light curves warn of, once they are read.
  std::vector<Diagnostic> take_warnings();
  /// `identity` with what the light curves' treatment adds.
  Identity with_light_curves(Identity identity) const;

 private:
  void open_light_curves(const ModelInputs& model);
  void open_spectra();
  void open_metadata(const ModelInputs& model);

  const RunArguments& a_;
  const ModalityArguments& m_;
  RunOptions options_;
  std::vector<std::filesystem::path> light_curves_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<MetadataTable> metadata_;
  ModalitySources sources_;
};

/// The modalities that --modalities names, or all. Throws Error usage.
PerModality<bool> wanted_modalities(const ModalityArguments& modalities);

}  // namespace astrom3::cli
