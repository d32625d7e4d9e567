// SPDX-License-Identifier: MIT
//
// The multimodal trainer's passes in double, on the plain kernels; and the golden objects as its examples.
#pragma once

#include <cstddef>
#include <vector>

#include "shared_space/checkpoint_parts.h"
#include "tests/shared_space/multimodal_cases.h"
#include "tests/train_step/plain_training.h"
#include "train_step/multimodal_passes.h"
#include "train_step/multimodal_trainer.h"
#include "train_step/step_attention.h"

namespace astrom3 {

/// The loss that MultimodalTrainer::step reports for its first step, and that loss's gradient.
class MultimodalTwin {
 public:
  MultimodalTwin(const MultimodalCheckpoint& checkpoint, std::size_t n_pixels,
                 const train::MultimodalTrainerOptions& options)
      : layout(checkpoint.config, n_pixels),
        parameters(layout.size),
        gradient(layout.size),
        options_(options),
        photo_(checkpoint.config.photo),
        draws_(options.attention, options.seed),
        classes_(checkpoint.config.classification ? static_cast<std::size_t>(checkpoint.config.num_classes)
                                                  : 0),
        positions_(layout.photo ? layout.photo_sizes->T * layout.photo_sizes->D_padded : 0),
        passes_(layout, plain::kTraining, parameters.data(), positions_.data(),
                checkpoint.config.photo.activation) {
    std::vector<float> values(layout.size);
    train::gather(layout.tensors, joined_parts(checkpoint), "", values);
    std::copy(values.begin(), values.end(), parameters.begin());
    if (!layout.photo) return;
    const EncoderSizes& s = *layout.photo_sizes;
    const Tensor& pe = checkpoint.photo->tensors.find("enc_embedding.position_embedding.pe")->second;
    for (std::size_t t = 0; t < s.T; ++t) {
      for (std::size_t d = 0; d < s.D; ++d)
        positions_[t * s.D_padded + d] = static_cast<double>(pe.data[t * s.D + d]);
    }
  }

  /// With `differentiate`, `gradient` is written.
  train::StepResult run(const std::vector<train::MultimodalExample>& batch, bool differentiate) {
    if (layout.photo) return run(batch, differentiate, draws_.of_step(photo_, 0));
    return run(batch, differentiate, {});
  }

  /// With this attention in the place of that of the first step.
  train::StepResult run(const std::vector<train::MultimodalExample>& batch, bool differentiate,
                        const train::StepAttention& attention) {
    passes_.pack();
    passes_.use(attention);
    return passes_.run(
        batch,
        {.objective = options_.objective,
         .label_smoothing = options_.label_smoothing,
         .class_weights = options_.class_weights,
         .classes = classes_},
        {.probability = options_.dropout, .form = options_.dropout_form, .seed = options_.seed, .step = 0}, 1,
        differentiate ? std::span<double>(gradient) : std::span<double>());
  }

  std::vector<double> gradient_of(const train::TensorPlace& tensor) const {
    std::vector<double> out;
    for (std::size_t i = 0; i < tensor.count(); ++i) out.push_back(gradient[tensor.place(i)]);
    return out;
  }

  train::MultimodalLayout layout;
  std::vector<double> parameters, gradient;

 private:
  train::MultimodalTrainerOptions options_;
  EncoderConfig photo_;
  train::AttentionDraws draws_;
  std::size_t classes_;
  std::vector<double> positions_;
  train::MultimodalPasses<double> passes_;
};

/// The golden objects of a checkpoint; the labels run through `n_classes`, of every fourth object a set.
class GoldenBatch {
 public:
  GoldenBatch(const MultimodalCases& cases, const MultimodalConfig& config, std::int32_t n_classes)
      : cases_(cases) {
    std::size_t n = 0;
    for (const Modality modality : kModalities) {
      if (config.has(modality)) n = count(config, modality);
    }
    labels_.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      labels_[i].push_back(static_cast<std::int32_t>(i) % n_classes);
      if (i % 4 == 3) labels_[i].push_back(static_cast<std::int32_t>(i + 1) % n_classes);
      examples.push_back({.x_enc = part(config, Modality::photo, cases_.values[0], n, i),
                          .mask = part(config, Modality::photo, cases_.mask, n, i),
                          .spectrum = part(config, Modality::spectra, cases_.values[1], n, i),
                          .metadata = part(config, Modality::metadata, cases_.values[2], n, i),
                          .labels = labels_[i]});
    }
  }

  std::vector<train::MultimodalExample> examples;

 private:
  std::size_t count(const MultimodalConfig& config, Modality modality) const {
    const std::vector<float>& values = cases_.values[index_of(modality)];
    if (modality == Modality::photo)
      return cases_.mask.size() / static_cast<std::size_t>(config.photo.seq_len);
    return modality == Modality::spectra
               ? values.size() / (static_cast<std::size_t>(config.spectra.conv_channels[0]) * cases_.n_pixels)
               : values.size() / static_cast<std::size_t>(config.metadata.input_dim);
  }
  static std::span<const float> part(const MultimodalConfig& config, Modality modality,
                                     const std::vector<float>& all, std::size_t n, std::size_t i) {
    if (!config.has(modality)) return {};
    const std::size_t size = all.size() / n;
    return std::span(all).subspan(i * size, size);
  }

  const MultimodalCases& cases_;
  std::vector<std::vector<std::int32_t>> labels_;
};

/// `checkpoint` with the modalities in `letters` alone ("pm").
inline MultimodalCheckpoint with_modalities(MultimodalCheckpoint checkpoint, const std::string& letters) {
  for (const Modality modality : kModalities) {
    checkpoint.config.modalities[index_of(modality)] =
        letters.find(modality_name(modality)[0]) != std::string::npos;
  }
  return checkpoint;
}

}  // namespace astrom3
