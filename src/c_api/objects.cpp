// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/c_api.h"
#include "astrom3/c_api/modalities.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/features/features.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/encode_modalities.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/pipeline/treatment.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/source/light_curve_table.h"
#include "astrom3/source/source.h"
#include "astrom3/source/table_source.h"
#include "base/joined.h"
#include "base/stop_flag.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"
#include "c_api/stop_flag.h"

namespace astrom3::c_api {
namespace {

/// What the driver is given, with what it points to.
struct Inputs {
  std::unique_ptr<Source> light_curves;
  ModalitySources sources;
};

void open_light_curves(const astrom3_objects_input& given, const astrom3_model& model,
                       const Treatment& treatment, Inputs& inputs) {
  if (given.n_tables == 0) return;
  require(given.light_curves, "light_curves");
  std::vector<const LightCurveTable*> tables;
  std::size_t n = 0;
  for (std::size_t i = 0; i < given.n_tables; ++i) {
    require(given.light_curves[i], "light_curves");
    tables.push_back(&given.light_curves[i]->table);
    n += tables.back()->size();
  }
  std::vector<std::string> ids;
  for (std::size_t i = 0; given.light_curve_ids != nullptr && i < n; ++i) {
    require(given.light_curve_ids[i], "light_curve_ids");
    ids.emplace_back(given.light_curve_ids[i]);
  }
  inputs.light_curves = source_of(std::move(tables), std::move(ids));
  ModalitySources& sources = inputs.sources;
  sources.light_curves = inputs.light_curves.get();
  sources.object = treatment.object;
  check_together(sources.object.features.period);
  const Encoder* const encoder = model.light_curves();
  if (encoder == nullptr) return;  // the driver says that there is none
  sources.object.tensor.n_steps = static_cast<std::size_t>(encoder->config().seq_len);
  sources.object.scaling = scaling_called(treatment.scaling, &encoder->checkpoint());
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    const astrom3_given& feature = given.given[f];
    sources.given.value[f] = feature.values;
    sources.given.standardised[f] = feature.standardised != 0;
    if (feature.values == nullptr && !std::isnan(feature.constant))
      sources.object.overrides[f] = FeatureOverride{
          .value = feature.constant, .standardised = feature.standardised != 0, .source = FeatureSource::set};
  }
}

void open_others(const astrom3_objects_input& given, const ModalityTreatment& treatment, Inputs& inputs) {
  ModalitySources& sources = inputs.sources;
  sources.reading = spectrum_reading(treatment);
  sources.spectrum = spectrum_options(treatment);
  sources.spectrum.flux_scale = 1;  // the spectra of a list have it behind them
  sources.pick = picked_spectrum(treatment);
  if (given.spectra != nullptr) sources.spectra_in_memory = given.spectra->list;
  if (given.metadata != nullptr) sources.metadata = &given.metadata->table;
  if (given.n_pairs > 0) require(given.pairs, "pairs");
  for (std::size_t i = 0; i < given.n_pairs; ++i) {
    require(given.pairs[2 * i], "pairs");
    require(given.pairs[2 * i + 1], "pairs");
    sources.pairs.emplace(given.pairs[2 * i], given.pairs[2 * i + 1]);
  }
}

astrom3_objects::Row kept(const MultimodalRow& row) {
  astrom3_objects::Row out{.row = row, .flags = joined(row.flags, ";"), .messages = {}};
  for (const Diagnostic& rejection : row.rejections) {
    std::string text =
        rejection.message.empty() ? std::string(status_meaning(rejection.code)) : rejection.message;
    if (!rejection.hint.empty()) text += "\nhint: " + to_string(rejection.hint, option_spelling());
    out.messages[index_of(parse_modality(rejection.column))] = std::move(text);
  }
  return out;
}

const float* data_of(const std::vector<float>& values) {
  return values.empty() ? nullptr : values.data();
}

/// Where the embeddings of a row go, NaN where there are none.
void put(const std::vector<float>& values, std::size_t n, float* to) {
  if (to == nullptr) return;
  if (values.empty()) {
    std::fill(to, to + n, std::numeric_limits<float>::quiet_NaN());
  } else {
    std::copy(values.begin(), values.end(), to);
  }
}

/// Those numbers of a row.
const std::vector<float>& numbers_of(const MultimodalRow& row, int32_t what) {
  if (what >= 0 && what < ASTROM3_N_MODALITIES) return row.embeddings[static_cast<std::size_t>(what)];
  if (what == ASTROM3_FUSED) return row.fused;
  if (what == ASTROM3_LOGITS) return row.logits;
  if (what == ASTROM3_PROBABILITIES) return row.probabilities;
  throw Error(Status::usage, fmt::format("what: {} is no kind of numbers", what));
}

ModalityTensors tensors_of(const astrom3_modality_tensors& given, const MultimodalEncoder& encoder) {
  const MultimodalConfig& config = encoder.config();
  const std::size_t n = given.n_objects;
  const auto span = [&](const float* values, std::size_t size) {
    return std::span(values, values == nullptr ? 0 : require_product(n, size, sizeof(float), "n_objects"));
  };
  ModalityTensors tensors{.values = {}, .photo_mask = {}, .n_objects = n, .n_pixels = given.n_pixels};
  const auto steps = static_cast<std::size_t>(config.photo.seq_len);
  if (given.photometry != nullptr) require(given.photometry_mask, "photometry_mask");
  tensors.values[ASTROM3_PHOTO] =
      span(given.photometry, steps * static_cast<std::size_t>(config.photo.enc_in));
  if (given.photometry != nullptr) tensors.photo_mask = span(given.photometry_mask, steps);
  tensors.values[ASTROM3_SPECTRA] =
      span(given.spectra, static_cast<std::size_t>(config.spectra.conv_channels.front()) * given.n_pixels);
  tensors.values[ASTROM3_METADATA] =
      span(given.metadata, static_cast<std::size_t>(config.metadata.input_dim));
  return tensors;
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

static_assert(ASTROM3_N_MODALITIES == kModalityCount &&
              ASTROM3_METADATA == static_cast<int>(Modality::metadata));

void astrom3_objects_input_init(astrom3_objects_input* input) {
  if (input == nullptr) return;
  *input = {};
  input->struct_size = sizeof *input;
  for (astrom3_given& given : input->given) given.constant = std::numeric_limits<double>::quiet_NaN();
}

astrom3_status astrom3_embed_objects(const astrom3_model* model, const astrom3_objects_input* input,
                                     astrom3_objects** objects) {
  return guarded([&] {
    require(model, "model");
    require_struct(input, "input");
    require(objects, "objects");
    *objects = nullptr;
    const MultimodalEncoder& encoder = model->of_modalities();
    if (input->n_threads > 65536)
      throw Error(Status::usage, fmt::format("n_threads: {} is out of range", input->n_threads));
    if (input->probabilities != 0 && encoder.class_count() == 0)
      throw Error(Status::usage, "probabilities: this checkpoint has no head");
    const ModalityTreatment treatment =
        input->options != nullptr ? input->options->modalities : ModalityTreatment{};
    Inputs inputs;
    open_light_curves(*input, *model, input->options != nullptr ? input->options->treatment : Treatment{},
                      inputs);
    open_others(*input, treatment, inputs);
    MultimodalRequest request = modality_request(treatment, encoder);
    request.probabilities = input->probabilities != 0;
    request.n_threads = input->n_threads;
    auto made = std::make_unique<astrom3_objects>();
    const StopFlag stop(input->stop);
    try {
      embed_modalities(
          inputs.sources, encoder, request,
          [&](const MultimodalRow& row) {
            made->rows.push_back(kept(row));
            report(input->n_done, static_cast<int64_t>(made->rows.size()));
          },
          nullptr, stop.get());
    } catch (const Stopped&) {
      throw Error(Status::interrupted, fmt::format("stopped after {} objects", made->rows.size()));
    }
    *objects = made.release();
    return Status::ok;
  });
}

void astrom3_objects_close(astrom3_objects* objects) {
  delete objects;
}

size_t astrom3_objects_size(const astrom3_objects* objects) {
  return objects == nullptr ? 0 : objects->rows.size();
}

astrom3_status astrom3_objects_get(const astrom3_objects* objects, size_t i, astrom3_object* object) {
  return guarded([&] {
    require(objects, "objects");
    require_struct(object, "object");
    if (i >= objects->rows.size())
      throw Error(Status::usage,
                  fmt::format("objects: there is no number {} of {}", i, objects->rows.size()));
    const auto& [row, flags, messages] = objects->rows[i];
    *object = {};
    object->struct_size = sizeof *object;
    object->status = static_cast<int32_t>(row.status);
    object->object_id = row.object_id.c_str();
    object->flags = flags.c_str();
    for (std::size_t m = 0; m < kModalityCount; ++m) {
      object->embeddings[m] = data_of(row.embeddings[m]);
      object->messages[m] = messages[m].c_str();
    }
    object->fused = data_of(row.fused);
    object->logits = data_of(row.logits);
    object->probabilities = data_of(row.probabilities);
    return Status::ok;
  });
}

astrom3_status astrom3_objects_copy(const astrom3_objects* objects, int32_t what, size_t width, float* out) {
  return guarded([&] {
    require(objects, "objects");
    if (!objects->rows.empty()) require(out, "out");
    for (std::size_t i = 0; i < objects->rows.size(); ++i) {
      const std::vector<float>& values = numbers_of(objects->rows[i].row, what);
      if (!values.empty() && values.size() != width)
        throw Error(Status::usage, fmt::format("width: {}, expected {}", width, values.size()));
      put(values, width, out + i * width);
    }
    return Status::ok;
  });
}

astrom3_status astrom3_encode_modalities(const astrom3_model* model, astrom3_modality_tensors* tensors) {
  return guarded([&] {
    require(model, "model");
    require_struct(tensors, "tensors");
    const MultimodalEncoder& encoder = model->of_modalities();
    if (tensors->logits != nullptr && encoder.class_count() == 0)
      throw Error(Status::usage, "logits: this checkpoint has no head");
    const std::size_t n = tensors->n_objects;
    const EncodedModalities made =
        encode_modalities(tensors_of(*tensors, encoder), encoder, tensors->n_threads);
    for (std::size_t m = 0; m < kModalityCount; ++m)
      put(made.embeddings[m], n * encoder.embedding_size(), tensors->embeddings[m]);
    put(made.fused, n * encoder.fused_size(), tensors->fused);
    put(made.logits, n * encoder.class_count(), tensors->logits);
    for (std::size_t p = 0; p < kModalityPairs.size(); ++p)
      put(made.pair_logits[p], n * n, tensors->pair_logits[p]);
    return Status::ok;
  });
}
