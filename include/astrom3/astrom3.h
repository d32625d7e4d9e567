// SPDX-License-Identifier: MIT
//
// All of astrom3's public C++ API.
#pragma once

#include "astrom3/base/error.h"                          // IWYU pragma: export
#include "astrom3/base/flags.h"                          // IWYU pragma: export
#include "astrom3/base/version.h"                        // IWYU pragma: export
#include "astrom3/classes/confusion.h"                   // IWYU pragma: export
#include "astrom3/classes/holdout.h"                     // IWYU pragma: export
#include "astrom3/classes/labels.h"                      // IWYU pragma: export
#include "astrom3/downstream/embeddings.h"               // IWYU pragma: export
#include "astrom3/downstream/evaluate.h"                 // IWYU pragma: export
#include "astrom3/downstream/outliers.h"                 // IWYU pragma: export
#include "astrom3/downstream/projection.h"               // IWYU pragma: export
#include "astrom3/downstream/retrieval.h"                // IWYU pragma: export
#include "astrom3/downstream/search.h"                   // IWYU pragma: export
#include "astrom3/encoder/attention.h"                   // IWYU pragma: export
#include "astrom3/encoder/bundled.h"                     // IWYU pragma: export
#include "astrom3/encoder/checkpoint.h"                  // IWYU pragma: export
#include "astrom3/encoder/encoder.h"                     // IWYU pragma: export
#include "astrom3/encoder/model_identity.h"              // IWYU pragma: export
#include "astrom3/encoder/precision.h"                   // IWYU pragma: export
#include "astrom3/features/catalog.h"                    // IWYU pragma: export
#include "astrom3/features/features.h"                   // IWYU pragma: export
#include "astrom3/features/period_search.h"              // IWYU pragma: export
#include "astrom3/features/periodogram.h"                // IWYU pragma: export
#include "astrom3/features/scaling.h"                    // IWYU pragma: export
#include "astrom3/hub/hub.h"                             // IWYU pragma: export
#include "astrom3/kernels/isa.h"                         // IWYU pragma: export
#include "astrom3/light_curve.h"                         // IWYU pragma: export
#include "astrom3/metadata/metadata.h"                   // IWYU pragma: export
#include "astrom3/metadata_encoder/metadata_encoder.h"   // IWYU pragma: export
#include "astrom3/onnx/onnx.h"                           // IWYU pragma: export
#include "astrom3/pipeline/describe_run.h"               // IWYU pragma: export
#include "astrom3/pipeline/embed_modalities.h"           // IWYU pragma: export
#include "astrom3/pipeline/embed_object.h"               // IWYU pragma: export
#include "astrom3/pipeline/embed_table.h"                // IWYU pragma: export
#include "astrom3/pipeline/encode_file.h"                // IWYU pragma: export
#include "astrom3/pipeline/encode_modalities.h"          // IWYU pragma: export
#include "astrom3/pipeline/multimodal_rows.h"            // IWYU pragma: export
#include "astrom3/pipeline/pipeline.h"                   // IWYU pragma: export
#include "astrom3/pipeline/run_parts.h"                  // IWYU pragma: export
#include "astrom3/pipeline/treatment.h"                  // IWYU pragma: export
#include "astrom3/shared_space/modality.h"               // IWYU pragma: export
#include "astrom3/shared_space/multimodal_checkpoint.h"  // IWYU pragma: export
#include "astrom3/shared_space/multimodal_encoder.h"     // IWYU pragma: export
#include "astrom3/sink/file_names.h"                     // IWYU pragma: export
#include "astrom3/sink/sink.h"                           // IWYU pragma: export
#include "astrom3/sink/text_file.h"                      // IWYU pragma: export
#include "astrom3/source/source.h"                       // IWYU pragma: export
#include "astrom3/spectra_encoder/spectra_encoder.h"     // IWYU pragma: export
#include "astrom3/spectrum/read_spectra.h"               // IWYU pragma: export
#include "astrom3/spectrum/spectrum.h"                   // IWYU pragma: export
#include "astrom3/study/study.h"                         // IWYU pragma: export
#include "astrom3/tensor.h"                              // IWYU pragma: export
#include "astrom3/train_step/objective.h"                // IWYU pragma: export
#include "astrom3/training/training.h"                   // IWYU pragma: export
