// SPDX-License-Identifier: MIT
//
// Passes one light curve through every stage, in order.
#include "astrom3/pipeline/embed_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/out_of_class.h"
#include "astrom3/features/features.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"
#include "astrom3/tensor.h"
#include "base/all_finite.h"
#include "pipeline/stage_timer.h"

namespace astrom3 {
namespace {

double* seconds_of(StageSeconds* seconds, double StageSeconds::*stage) {
  return seconds == nullptr ? nullptr : &(seconds->*stage);
}

/// The message for a status of the numeric stages, with the numbers of this light curve.
std::string explain(Status status, const LightCurveSummary& summary) {
  switch (status) {
    case Status::too_few_points:
      return fmt::format("{} of {} observations are left after cleaning", summary.n_clean, summary.n_raw);
    case Status::mad_zero:
      return fmt::format("the median absolute deviation of {} fluxes is 0: at least half of them are equal",
                         summary.n_clean);
    case Status::zero_time_span:
      return fmt::format("all {} observations have the same time", summary.n_clean);
    case Status::implausible_time_span:
      return fmt::format(
          "the observations span {:.6g} d, more than 200 years: mixed time systems, or not days",
          summary.time_max - summary.time_min);
    default:
      return std::string(status_meaning(status));
  }
}

Hint hint_for(Status status) {
  switch (status) {
    case Status::mad_zero:
      return {"{} scales by the standard deviation instead, and flags the row", {{"on-mad-zero", "std"}}};
    case Status::nonfinite_time:
    case Status::nonfinite_flux:
    case Status::nonfinite_flux_err:
      return {"{} leaves such observations out", {{"nonfinite", "drop"}}};
    case Status::negative_error:
      return hint_for_negative_error(0, 0);
    default:
      return {};
  }
}

void reject(ObjectResult& result, Status status) {
  result.status = status;
  result.diagnostic =
      Diagnostic{.code = status, .message = explain(status, result.light_curve), .hint = hint_for(status)};
}

/// The feature that an override made impossible, for the message of bad_aux.
void name_bad_feature(const FeatureOverrides& overrides, ObjectResult& result) {
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if (!overrides[i].has_value()) continue;
    const double value = overrides[i]->value;
    const auto feature = static_cast<Feature>(i);
    const bool positive = feature == Feature::period;
    const bool impossible =
        !std::isfinite(value) || (positive && value <= 0) || (feature == Feature::amplitude && value < 0);
    if (!impossible || overrides[i]->standardised) continue;
    result.diagnostic.column = feature_name(feature);
    result.diagnostic.value = fmt::format("{}", value);
    result.diagnostic.message =
        fmt::format("expected a {} number, found {}", positive ? "positive" : "non-negative", value);
    result.diagnostic.hint = {"values that are standardised already go with {}", {{"scaling", "none"}}};
    return;
  }
}

/// softmax in double; a logit that is not finite leaves no probability finite.
void to_probabilities(std::vector<float>& logits) {
  const double top = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  double total = 0;
  for (const float logit : logits) total += std::exp(static_cast<double>(logit) - top);
  for (float& logit : logits) logit = static_cast<float>(std::exp(static_cast<double>(logit) - top) / total);
}

Status encode_one(const Encoder& encoder, bool want_sequence, bool want_probabilities, ObjectResult& result) {
  const auto& config = encoder.config();
  result.mean.resize(static_cast<std::size_t>(config.d_model));
  result.sequence.resize(want_sequence ? static_cast<std::size_t>(config.seq_len * config.d_model) : 0);
  result.probabilities.resize(want_probabilities ? static_cast<std::size_t>(config.num_classes) : 0);
  encoder.encode(
      result.x_enc, result.mask,
      EncoderOutput{.mean = result.mean, .sequence = result.sequence, .logits = result.probabilities});
  if (want_probabilities) {
    to_probabilities(result.probabilities);
    if (const auto classes = OutOfClass::of(encoder.checkpoint().tensors))
      result.out_of_class = classes->score(result.mean);
  }
  // The last check: no row with status ok may hold a NaN.
  const bool finite =
      all_finite(result.mean) && all_finite(result.sequence) && all_finite(result.probabilities);
  return finite ? Status::ok : Status::nonfinite_output;
}

/// Forgets the object before; the tensor is zeros until it is built.
void start_object(const ObjectOptions& options, Stage last_stage, ObjectResult& result) {
  result.status = Status::ok;
  result.diagnostic = {};
  result.flags = {};
  result.light_curve = {};
  result.features = {};
  result.tensor = {};
  result.x_enc.assign(last_stage >= Stage::tensor ? options.tensor.n_steps * kChannels : 0, 0.0f);
  result.mask.assign(last_stage >= Stage::tensor ? options.tensor.n_steps : 0, 0.0f);
}

}  // namespace

void embed_object(LightCurve& light_curve, const ObjectOptions& options, const FeatureOverrides& overrides,
                  Stage last_stage, const Encoder* encoder, bool want_sequence, ObjectResult& result,
                  StageSeconds* seconds) {
  start_object(options, last_stage, result);
  {
    const StageTimer timer(seconds_of(seconds, &StageSeconds::clean));
    const Status status = clean(light_curve, options.cleaning, result.light_curve);
    if (status != Status::ok) return reject(result, status);
    result.flags.set(result.light_curve.flags);
    result.tensor = summarise_channels(result.light_curve);
  }
  if (last_stage == Stage::cleaning) return;

  {
    const StageTimer timer(seconds_of(seconds, &StageSeconds::features));
    const Status status =
        compute_features(light_curve, options.features, overrides, options.scaling, result.features);
    if (status != Status::ok) {
      reject(result, status);
      if (status != Status::grid_too_fine) return name_bad_feature(overrides, result);
      result.diagnostic =
          explain_period_grid(status, options.features.period, result.features.period_result.span_days);
      return;
    }
    result.flags.set(result.features.flags);
  }
  if (last_stage == Stage::features) return;

  {
    const StageTimer timer(seconds_of(seconds, &StageSeconds::tensor));
    const Status status = build_tensor(light_curve, result.light_curve, result.features, options.scaling,
                                       options.tensor, result.x_enc, result.mask, result.tensor);
    if (status != Status::ok) return reject(result, status);
    result.flags.set(result.tensor.flags);
  }
  if (last_stage == Stage::tensor) return;

  const StageTimer timer(seconds_of(seconds, &StageSeconds::encoder));
  if (const Status status = encode_one(*encoder, want_sequence, options.want_probabilities, result);
      status != Status::ok) {
    reject(result, status);
  }
}

}  // namespace astrom3
