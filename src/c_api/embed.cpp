// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/features/features.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/embed_table.h"
#include "astrom3/pipeline/treatment.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"  // IWYU pragma: keep (completes the types of c_api.h)

namespace astrom3::c_api {
namespace {

constexpr uint64_t kMostSteps = uint64_t{1} << 31;

void check_options(const astrom3_embed_options& given) {
  const auto out_of_range = [](const char* name, auto value) {
    throw Error(Status::usage, fmt::format("{}: {} is out of range", name, value));
  };
  if (given.n_threads > 65536) out_of_range("n_threads", given.n_threads);
  if (given.n_steps < 3 || given.n_steps > kMostSteps) out_of_range("n_steps", given.n_steps);
}

ObjectOptions object_options_of(const astrom3_embed_options& given, const astrom3_model* model) {
  check_options(given);
  const Treatment treatment = given.options != nullptr ? given.options->treatment : Treatment{};
  ObjectOptions options = treatment.object;
  check_together(options.features.period);
  options.tensor.n_steps = given.n_steps;
  const Encoder* const encoder = model != nullptr ? model->light_curves() : nullptr;
  options.scaling = scaling_called(treatment.scaling, encoder != nullptr ? &encoder->checkpoint() : nullptr);
  return options;
}

BatchOptions batch_options_of(const astrom3_embed_options& given, const astrom3_model* model) {
  BatchOptions options;
  options.object = object_options_of(given, model);
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    const astrom3_given& feature = given.given[f];
    options.given.value[f] = feature.values;
    options.given.standardised[f] = feature.standardised != 0;
    if (feature.values == nullptr && !std::isnan(feature.constant)) {
      options.object.overrides[f] = FeatureOverride{
          .value = feature.constant, .standardised = feature.standardised != 0, .source = FeatureSource::set};
    }
  }
  options.n_threads = given.n_threads;
  options.stop = given.stop;
  options.n_done = given.n_done;
  return options;
}

BatchOutput batch_output_of(const astrom3_output& given) {
  return {.mean = given.mean,
          .sequence = given.sequence,
          .logits = given.logits,
          .x_enc = given.x_enc,
          .mask = given.mask,
          .status = reinterpret_cast<Status*>(given.status),
          .flags = given.flags,
          .n_raw = given.n_raw,
          .n_used = given.n_used,
          .features = given.features,
          .feature_source = reinterpret_cast<FeatureSource*>(given.feature_source),
          .log10_mad = given.log10_mad,
          .delta_t = given.delta_t};
}

void report(const BatchSummary& summary, astrom3_output& output) {
  output.n_ok = summary.n_ok;
  output.first_rejected = -1;
  if (output.message != nullptr && output.message_size > 0) output.message[0] = '\0';
  if (!summary.first_rejection.has_value()) return;
  output.first_rejected = static_cast<int64_t>(summary.first_rejected);
  if (output.message == nullptr || output.message_size == 0) return;
  const std::string text = to_string(*summary.first_rejection, "error", option_spelling());
  const std::size_t n = std::min(text.size(), output.message_size - 1);
  std::memcpy(output.message, text.data(), n);
  output.message[n] = '\0';
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

static_assert(sizeof(Status) == 1 && sizeof(FeatureSource) == 1, "they are written as bytes");
static_assert(ASTROM3_N_FEATURES == kFeatureCount);

void astrom3_embed_options_init(astrom3_embed_options* options) {
  if (options == nullptr) return;
  *options = {};
  options->struct_size = sizeof *options;
  options->n_steps = TensorOptions{}.n_steps;
  for (astrom3_given& given : options->given) given.constant = std::numeric_limits<double>::quiet_NaN();
}

void astrom3_output_init(astrom3_output* output) {
  if (output == nullptr) return;
  *output = {};
  output->struct_size = sizeof *output;
  output->first_rejected = -1;
}

astrom3_status astrom3_embed(const astrom3_model* model, const astrom3_table* table,
                             const astrom3_embed_options* options, astrom3_output* output) {
  return guarded([&] {
    require(table, "table");
    require_struct(options, "options");
    require_struct(output, "output");
    const bool encodes = output->mean != nullptr || output->sequence != nullptr || output->logits != nullptr;
    report(embed_batch(table->table, model != nullptr && encodes ? &model->photo_alone() : nullptr,
                       batch_options_of(*options, model), batch_output_of(*output)),
           *output);
    return Status::ok;
  });
}
