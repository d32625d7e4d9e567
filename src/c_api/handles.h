// SPDX-License-Identifier: MIT
//
// The structures behind the opaque handles of the C interface.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "astrom3/base/option.h"
#include "astrom3/c_api.h"
#include "astrom3/c_api/modalities.h"
#include "astrom3/downstream/search.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/embed_table.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/pipeline/treatment.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/spectrum/read_spectra.h"

struct astrom3_model {
  std::unique_ptr<astrom3::Encoder> photo;                 ///< of kind photo; else null
  std::unique_ptr<astrom3::MultimodalEncoder> modalities;  ///< of every other kind; else null
  std::string isa, path, identity, training_attention;
  std::vector<std::string> class_names;

  /// Null where the checkpoint has no encoder of light curves.
  const astrom3::Encoder* light_curves() const { return photo ? photo.get() : modalities->photo(); }
  /// Throw Error usage that names the kind, where the model is of the other one.
  const astrom3::Encoder& photo_alone() const;
  const astrom3::MultimodalEncoder& of_modalities() const;
};

struct astrom3_options {
  astrom3_options();

  astrom3::Treatment treatment;
  astrom3::ModalityTreatment modalities;
  astrom3::OptionTable table;
  /// What astrom3_options_describe() and astrom3_options_get() point to, one for each option.
  struct Texts {
    std::string group, words, expected, value;
  };
  std::vector<Texts> texts;
};

/// What is done with spectra and metadata, which NULL leaves at its defaults.
inline astrom3::ModalityTreatment treatment_of(const astrom3_options* options) {
  return options == nullptr ? astrom3::ModalityTreatment{} : options->modalities;
}

struct astrom3_table {
  astrom3::LightCurveTable table;
  std::vector<std::string> warnings{};
};

struct astrom3_spectra {
  std::vector<astrom3::SpectrumObject> list;
  /// What astrom3_spectra_get() points to.
  std::vector<std::vector<const char*>> ids;
};

struct astrom3_metadata {
  astrom3::MetadataTable table;
  std::string warnings, origins;
  std::vector<std::string> flags;  ///< of each row, joined
};

struct astrom3_objects {
  struct Row {
    astrom3::MultimodalRow row;
    std::string flags;
    astrom3::PerModality<std::string> messages;
  };
  std::vector<Row> rows;
};

struct astrom3_index {
  astrom3::NeighbourIndex index;
};
