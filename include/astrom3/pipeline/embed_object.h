// SPDX-License-Identifier: MIT
//
// One light curve through the stages: light curve -> features -> tensor -> encoder.
#pragma once

#include <cstdint>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/features/features.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"
#include "astrom3/tensor.h"

namespace astrom3 {

/// How one light curve is treated, from any source and for any sink.
struct ObjectOptions {
  CleaningOptions cleaning;
  FeatureOptions features;
  FeatureOverrides overrides;  ///< from --set; they come before the catalogue
  TensorOptions tensor;
  Scaling scaling = published_scaling();
  bool want_probabilities = false;  ///< of the head's classes; the encoder must have a head
};

/// Everything computed for one object. Buffers are reused between objects.
struct ObjectResult {
  Status status = Status::ok;
  Diagnostic diagnostic;  ///< when status is not ok
  Flags flags;
  LightCurveSummary light_curve;
  Features features;
  TensorSummary tensor;
  std::vector<float> x_enc;          ///< [T, 9]; zeros when rejected
  std::vector<float> mask;           ///< [T]
  std::vector<float> mean;           ///< [D]
  std::vector<float> sequence;       ///< [T, D], when asked for
  std::vector<float> probabilities;  ///< [classes] softmax of the logits, when asked for
  double out_of_class = 0;  ///< OutOfClass::score(), with the probabilities, if the checkpoint has it
};

/// Seconds spent in each stage, summed over threads.
struct StageSeconds {
  double read = 0, clean = 0, features = 0, tensor = 0, encoder = 0, write = 0;
};

/// The last stage that an object passes. Each stage includes the stages before it.
enum class Stage : std::uint8_t { cleaning, features, tensor, embedding };

/// Passes one light curve through the stages up to `last_stage`: all of astrom3 in one call.
///
/// light_curve   consumed (cleaned in place)
/// encoder       may be null unless last_stage is embedding; its seq_len is options.tensor.n_steps
/// seconds       if not null, the time of each stage is added to it
/// If a light curve cannot be embedded, result.status says why; nothing is thrown for it.
void embed_object(LightCurve& light_curve, const ObjectOptions& options, const FeatureOverrides& overrides,
                  Stage last_stage, const Encoder* encoder, bool want_sequence, ObjectResult& result,
                  StageSeconds* seconds = nullptr);

}  // namespace astrom3
