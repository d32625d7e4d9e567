// SPDX-License-Identifier: MIT
//
// The trainer's passes in double, on the plain kernels: a batch's loss and its gradient.
#pragma once

#include <cstddef>
#include <vector>

#include "encoder/sizes.h"
#include "tests/train_step/plain_training.h"
#include "train_step/losses.h"
#include "train_step/passes.h"
#include "train_step/step_attention.h"
#include "train_step/trainer.h"

namespace astrom3 {

/// The loss that Trainer::step reports for its first step, and that loss's gradient.
class TrainingTwin {
 public:
  TrainingTwin(const Checkpoint& checkpoint, train::TrainerOptions options)
      : options_(std::move(options)),
        config_(checkpoint.config),
        draws_(options_.attention, options_.seed),
        sizes_(checkpoint.config, checkpoint.has_head() ? checkpoint.tensors.at("fc.bias").data.size() : 0),
        layout(sizes_),
        parameters(layout.size),
        gradient(layout.size),
        packed_(layout, plain::kTraining),
        positions_(sizes_.T * sizes_.D_padded),
        passes_(sizes_, layout, plain::kTraining, packed_, parameters.data(), positions_.data(),
                checkpoint.config.activation == Activation::gelu ? kernels::Epilogue::gelu
                                                                 : kernels::Epilogue::relu),
        activations_(sizes_) {
    std::vector<float> values(layout.size);
    train::gather(layout.tensors, checkpoint.tensors, "", values);
    std::copy(values.begin(), values.end(), parameters.begin());
    const Tensor& pe = checkpoint.tensors.find("enc_embedding.position_embedding.pe")->second;
    for (std::size_t t = 0; t < sizes_.T; ++t) {
      for (std::size_t d = 0; d < sizes_.D; ++d)
        positions_[t * sizes_.D_padded + d] = static_cast<double>(pe.data[t * sizes_.D + d]);
    }
  }

  /// With `differentiate`, `gradient` is written.
  double loss(const std::vector<train::Example>& batch, bool differentiate) {
    packed_.pack(parameters.data());
    passes_.use(draws_.of_step(config_, 0));
    if (differentiate) std::fill(gradient.begin(), gradient.end(), 0.0);
    return options_.objective == TrainingObjective::classify ? classify(batch, differentiate)
                                                             : contrast(batch, differentiate);
  }

 private:
  train::TrainerOptions options_;
  EncoderConfig config_;
  train::AttentionDraws draws_;
  EncoderSizes sizes_;

 public:
  train::ParameterLayout layout;
  std::vector<double> parameters, gradient;

 private:
  train::ExampleDropout dropout(std::size_t example) const {
    return {.probability = options_.dropout, .seed = options_.seed, .step = 0, .example = example};
  }

  double classify(const std::vector<train::Example>& batch, bool differentiate) {
    const auto weight = [&](const train::Example& e) {
      double sum = 0;
      for (const std::int32_t label : e.labels) {
        sum += options_.class_weights.empty()
                   ? 1.0
                   : static_cast<double>(options_.class_weights[static_cast<std::size_t>(label)]);
      }
      return sum / static_cast<double>(e.labels.size());
    };
    double total = 0, loss = 0;
    for (const train::Example& e : batch) total += weight(e);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::vector<double> logits(sizes_.classes), g(sizes_.classes);
      passes_.forward(batch[i].x_enc, dropout(i), activations_);
      passes_.logits(batch[i].mask, activations_, logits);
      loss += train::cross_entropy(logits, batch[i].labels, options_.label_smoothing,
                                   weight(batch[i]) / total, g);
      if (differentiate)
        passes_.backward(batch[i].mask, {.mean = {}, .sequence = {}, .logits = g}, dropout(i), activations_,
                         gradient.data());
    }
    return loss;
  }

  double contrast(const std::vector<train::Example>& batch, bool differentiate) {
    const std::size_t D = sizes_.D, n = batch.size() / 2;
    std::vector<std::vector<double>> sides(2, std::vector<double>(n * D)), gradients = sides;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      passes_.forward(batch[i].x_enc, dropout(i), activations_);
      passes_.mean(batch[i].mask, activations_, std::span(sides[i % 2]).subspan(i / 2 * D, D));
    }
    const double loss =
        train::info_nce(sides[0], sides[1], D, options_.temperature, gradients[0], gradients[1]).loss;
    for (std::size_t i = 0; differentiate && i < batch.size(); ++i) {
      passes_.forward(batch[i].x_enc, dropout(i), activations_);
      const std::span<const double> g = std::span(gradients[i % 2]).subspan(i / 2 * D, D);
      passes_.backward(batch[i].mask, {.mean = g, .sequence = {}, .logits = {}}, dropout(i), activations_,
                       gradient.data());
    }
    return loss;
  }

  train::PackedParameters<double> packed_;
  std::vector<double> positions_;
  train::Passes<double> passes_;
  train::Activations<double> activations_;
};

}  // namespace astrom3
