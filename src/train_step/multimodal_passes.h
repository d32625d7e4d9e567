// SPDX-License-Identifier: MIT
//
// A batch of objects through every encoder into the shared space, to the loss, and the exact gradient back.
//
// Written over a real type and its table of kernels, as passes.h is. Encoders run once for the loss and a
// second time for the gradient: keeping what they hold would need some 20 MB an object.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "astrom3/train_step/objective.h"
#include "base/random.h"
#include "train_step/activations.h"
#include "train_step/dense_rows.h"
#include "train_step/grouped_sums.h"
#include "train_step/metadata_passes.h"
#include "train_step/multimodal_layout.h"
#include "train_step/multimodal_loss.h"
#include "train_step/passes.h"
#include "train_step/spectra_passes.h"

namespace astrom3::train {

/// Dropout of one step: by modality, in the form of upstream or ours.
struct StepDropout {
  PerModality<double> probability{};  ///< all 0, in our form: none
  DropoutForm form = DropoutForm::ours;
  std::uint64_t seed = 0, step = 0;

  ExampleDropout of(Modality modality, std::size_t example) const {
    return {.probability = probability[index_of(modality)],
            .form = form,
            .seed = modality == Modality::photo ? seed : seed ^ stream_of(modality_name(modality)),
            .step = step,
            .example = example};
  }
};

template <typename Real>
class MultimodalPasses {
 public:
  /// parameters [layout.size], positions [T, D_padded] of the photo encoder; both must outlive this.
  MultimodalPasses(const MultimodalLayout& layout, const kernels::TrainingTable<Real>& table,
                   const Real* parameters, const Real* positions, Activation activation)
      : layout_(layout), kernels_(&table), parameters_(parameters) {
    if (layout.photo) {
      packed_photo_ = std::make_unique<PackedParameters<Real>>(*layout.photo, table);
      photo_ = std::make_unique<Passes<Real>>(
          *layout.photo_sizes, *layout.photo, table, *packed_photo_, parameters + layout.photo_first,
          positions, activation == Activation::gelu ? kernels::Epilogue::gelu : kernels::Epilogue::relu);
    }
    if (layout.spectra) spectra_ = std::make_unique<SpectraPasses<Real>>(*layout.spectra, table);
    if (layout.metadata) metadata_ = std::make_unique<MetadataPasses<Real>>(*layout.metadata, table);
    for (std::size_t m = 0; m < kModalityCount; ++m) {
      if (layout.projections[m]) projections_[m] = DenseRows<Real>(table, *layout.projections[m]);
    }
    if (layout.head) head_ = DenseRows<Real>(table, *layout.head);
  }

  /// The attention of the photo encoder, from now on; see Passes.
  void use(const StepAttention& attention) {
    if (photo_) photo_->use(attention);
  }

  /// The parameters are read now; to be called after every change of them.
  void pack() {
    if (photo_) packed_photo_->pack(parameters_ + layout_.photo_first);
    if (spectra_) spectra_->pack(parameters_ + layout_.spectra_first);
    if (metadata_) metadata_->pack(parameters_);
    for (DenseRows<Real>& projection : projections_) projection.pack(parameters_);
    head_.pack(parameters_);
  }

  /// The loss of `batch`. gradient [layout.size] is written, unless it is empty; logits [n, classes], too,
  /// for the objective classify.
  StepResult run(std::span<const MultimodalExample> batch, const LossOptions& options,
                 const StepDropout& dropout, std::size_t n_threads, std::span<Real> gradient,
                 std::span<double> logits = {}) {
    Batch b(batch, dropout, n_threads);
    for (const Modality modality : kModalities) {
      if (has(modality)) encode(modality, b);
    }
    b.is_differentiated = !gradient.empty();
    std::fill(gradient.begin(), gradient.end(), Real(0));
    StepResult result = options.objective == TrainingObjective::clip ? contrast(b, gradient)
                                                                     : classify(b, options, gradient, logits);
    if (gradient.empty()) return result;
    for (const Modality modality : kModalities) {
      if (has(modality)) differentiate(modality, b, gradient);
    }
    return result;
  }

 private:
  /// One batch on its way. Of every modality: what its encoder gives, flattened [n, flat_size], and in the
  /// shared space before [n, space] it is divided by its length.
  struct Batch {
    Batch(std::span<const MultimodalExample> all, const StepDropout& drops, std::size_t threads)
        : examples(all), dropout(drops), n_threads(threads) {}
    std::size_t size() const { return examples.size(); }

    std::span<const MultimodalExample> examples;
    const StepDropout& dropout;
    std::size_t n_threads;
    bool is_differentiated = false;
    PerModality<AlignedBuffer<Real>> flat, g_flat, projected;
    MetadataActivations<Real> metadata;
  };

  bool has(Modality modality) const {
    if (modality == Modality::photo) return photo_ != nullptr;
    return modality == Modality::spectra ? spectra_ != nullptr : metadata_ != nullptr;
  }

  // ---- forwards ----------------------------------------------------------------------------------

  void encode(Modality modality, Batch& b) {
    const std::size_t m = index_of(modality), width = layout_.flat_size(modality);
    b.flat[m] = AlignedBuffer<Real>(b.size() * width);
    if (modality == Modality::metadata) {
      metadata_->forward(b.examples, b.dropout.of(modality, 0), b.n_threads, b.metadata, b.flat[m].data());
    } else {
      photo_scratch_.resize(std::max(photo_scratch_.size(), b.n_threads));
      spectra_scratch_.resize(std::max(spectra_scratch_.size(), b.n_threads));
      parallel_for(b.size(), b.n_threads, [&](std::size_t i, std::size_t worker) {
        const ScopedFloatEnvironment float_environment;
        encode_one(modality, b, i, worker, b.flat[m].data() + i * width);
      });
    }
    if (!layout_.projections[m]) return;
    b.projected[m] = AlignedBuffer<Real>(b.size() * layout_.space());
    projections_[m].forward(b.flat[m].data(), b.size(), b.projected[m].data(), b.n_threads);
  }

  void encode_one(Modality modality, const Batch& b, std::size_t i, std::size_t worker, Real* flat) {
    const MultimodalExample& example = b.examples[i];
    const ExampleDropout dropout = b.dropout.of(modality, i);
    if (modality == Modality::spectra) {
      SpectraActivations<Real>& a = spectra_scratch(worker);
      spectra_->forward(example.spectrum, a);
      drop_flat_spectrum(dropout, a.flat.data(), flat);
      return;
    }
    Activations<Real>& a = photo_scratch(worker);
    photo_->forward(example.x_enc, dropout, a);
    const EncoderSizes& s = *layout_.photo_sizes;
    for (std::size_t t = 0; t < s.T; ++t) {
      const Real weight = static_cast<Real>(example.mask[t]);
      const Real* h = a.sequence + t * a.strides.D;
      for (std::size_t d = 0; d < s.D_padded; ++d) flat[t * s.D_padded + d] = weight == 0 ? 0 : weight * h[d];
    }
  }

  /// Dropout of the flattened spectrum, or of its gradient.
  void drop_flat_spectrum(const ExampleDropout& dropout, const Real* x, Real* y) const {
    const SpectraLayout& s = *layout_.spectra;
    const kernels::Dropout<Real> keep = dropout.template at<Real>(0, DropoutSite::activation);
    if (keep.threshold == 0) {
      std::copy_n(x, s.flat_size(), y);
      return;
    }
    kernels_->dropout(
        {.x = x, .rows = s.positions(), .width = s.width(), .stride = s.width(), .dropout = keep, .y = y});
  }

  // ---- the loss ----------------------------------------------------------------------------------

  StepResult contrast(Batch& b, std::span<Real> gradient) {
    SpaceRows<Real> rows(b.projected, layout_.space());
    PerPair scale{}, scale_gradient{};
    for (std::size_t k = 0; k < scale.size(); ++k) {
      if (layout_.temperatures[k]) scale[k] = static_cast<double>(parameters_[*layout_.temperatures[k]]);
    }
    PerModality<std::vector<double>> g;
    const ClipResult found = clip_loss(rows.sides(), layout_.space(), scale, g, scale_gradient);
    if (!gradient.empty()) {
      for (std::size_t k = 0; k < scale.size(); ++k) {
        if (layout_.temperatures[k])
          gradient[*layout_.temperatures[k]] = static_cast<Real>(scale_gradient[k]);
      }
      from_space(b, rows, g, gradient);
    }
    return {.loss = found.loss, .correct = found.correct};
  }

  StepResult classify(Batch& b, const LossOptions& options, std::span<Real> gradient,
                      std::span<double> logits) {
    const std::size_t k = head_.place().k, n = head_.place().n;
    const bool is_shared = layout_.space() != 0;
    SpaceRows<Real> rows(b.projected, layout_.space());
    AlignedBuffer<Real> input, output(b.size() * n), g_input(b.size() * k);
    const std::size_t only =
        has(Modality::spectra) ? index_of(Modality::spectra) : index_of(Modality::metadata);
    if (is_shared) input = rows.fused(layout_.is_concatenated());
    const Real* const x = is_shared ? input.data() : b.flat[only].data();
    head_.forward(x, b.size(), output.data(), b.n_threads);
    AlignedBuffer<Real> g_output(output.size());
    const StepResult result =
        cross_entropy_of_batch(b.examples, options, output.data(), n, g_output.span(), logits);
    if (gradient.empty()) return result;
    head_.backward(x, g_output.data(), b.size(), g_input.data(), gradient.data(), b.n_threads);
    if (is_shared) {
      from_space(b, rows, rows.fused_gradient(g_input.span(), layout_.is_concatenated()), gradient);
    } else {
      b.g_flat[only] = std::move(g_input);
    }
    return result;
  }

  /// From the gradients of the unit rows to those of the projections and of what went into them.
  void from_space(Batch& b, const SpaceRows<Real>& rows, PerModality<std::vector<double>> g,
                  std::span<Real> gradient) {
    for (const Modality modality : kModalities) {
      const std::size_t m = index_of(modality);
      if (!has(modality)) continue;
      const AlignedBuffer<Real> g_projected = rows.before_length(m, g[m]);
      b.g_flat[m] = AlignedBuffer<Real>(b.flat[m].size());
      projections_[m].backward(b.flat[m].data(), g_projected.data(), b.size(), b.g_flat[m].data(),
                               gradient.data(), b.n_threads);
    }
  }

  // ---- backwards ---------------------------------------------------------------------------------

  void differentiate(Modality modality, Batch& b, std::span<Real> gradient) {
    const std::size_t m = index_of(modality);
    if (modality == Modality::metadata)
      return metadata_->backward(b.size(), b.n_threads, b.metadata, b.g_flat[m].data(), gradient.data());
    const bool is_photo = modality == Modality::photo;
    const std::size_t first = is_photo ? layout_.photo_first : layout_.spectra_first;
    const std::size_t count = is_photo ? layout_.photo->size : layout_.spectra->size;
    std::unique_ptr<GroupedSums<Real>>& sums = sums_[m];
    if (sums == nullptr) sums = std::make_unique<GroupedSums<Real>>(count);
    sums->add_up(b.size(), b.n_threads, [&](std::size_t i, std::size_t worker, Real* to) {
      is_photo ? photo_gradient(b, i, worker, to) : spectra_gradient(b, i, worker, to);
    });
    std::copy(sums->sum().begin(), sums->sum().end(), gradient.begin() + static_cast<std::ptrdiff_t>(first));
  }

  void photo_gradient(Batch& b, std::size_t i, std::size_t worker, Real* gradient) {
    const EncoderSizes& s = *layout_.photo_sizes;
    const MultimodalExample& example = b.examples[i];
    const ExampleDropout dropout = b.dropout.of(Modality::photo, i);
    Activations<Real>& a = photo_scratch(worker);
    photo_->forward(example.x_enc, dropout, a);
    const Real* const g_flat = b.g_flat[index_of(Modality::photo)].data() + i * s.T * s.D_padded;
    std::vector<Real> g(s.T * s.D);
    for (std::size_t t = 0; t < s.T; ++t) {
      for (std::size_t d = 0; d < s.D; ++d)
        g[t * s.D + d] = static_cast<Real>(example.mask[t]) * g_flat[t * s.D_padded + d];
    }
    photo_->backward(example.mask, {.mean = {}, .sequence = g, .logits = {}}, dropout, a, gradient);
  }

  void spectra_gradient(Batch& b, std::size_t i, std::size_t worker, Real* gradient) {
    SpectraActivations<Real>& a = spectra_scratch(worker);
    spectra_->forward(b.examples[i].spectrum, a);
    const std::size_t width = layout_.spectra->flat_size();
    std::vector<Real> g(width);
    drop_flat_spectrum(b.dropout.of(Modality::spectra, i),
                       b.g_flat[index_of(Modality::spectra)].data() + i * width, g.data());
    spectra_->backward(g, a, gradient);
  }

  Activations<Real>& photo_scratch(std::size_t worker) {
    auto& scratch = photo_scratch_[worker];
    if (scratch == nullptr) scratch = std::make_unique<Activations<Real>>(*layout_.photo_sizes);
    return *scratch;
  }
  SpectraActivations<Real>& spectra_scratch(std::size_t worker) {
    auto& scratch = spectra_scratch_[worker];
    if (scratch == nullptr) scratch = std::make_unique<SpectraActivations<Real>>(*layout_.spectra);
    return *scratch;
  }

  const MultimodalLayout& layout_;
  const kernels::TrainingTable<Real>* kernels_;
  const Real* parameters_;
  std::unique_ptr<PackedParameters<Real>> packed_photo_;
  std::unique_ptr<Passes<Real>> photo_;
  std::unique_ptr<SpectraPasses<Real>> spectra_;
  std::unique_ptr<MetadataPasses<Real>> metadata_;
  PerModality<DenseRows<Real>> projections_;
  DenseRows<Real> head_;
  PerModality<std::unique_ptr<GroupedSums<Real>>> sums_;
  std::vector<std::unique_ptr<Activations<Real>>> photo_scratch_;  ///< of the threads
  std::vector<std::unique_ptr<SpectraActivations<Real>>> spectra_scratch_;
};

}  // namespace astrom3::train
