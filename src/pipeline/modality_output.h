// SPDX-License-Identifier: MIT
//
// What is made of a modality's tensors: embeddings, or the tensors themselves.
#pragma once

#include <cstddef>
#include <span>

#include "astrom3/pipeline/preprocess_modalities.h"
#include "astrom3/shared_space/multimodal_encoder.h"

namespace astrom3 {

class ModalityOutput {
 public:
  virtual ~ModalityOutput() = default;
  virtual bool has(Modality modality) const = 0;
  /// Numbers for each object.
  virtual std::size_t size(Modality modality) const = 0;
  /// out  [B, size()]    status  [B]
  virtual void make(const ModalityInput& input, std::span<float> out, std::span<Status> status,
                    std::size_t n_threads) const = 0;
  /// How far light curves go on the way to it.
  virtual Stage photo_stage() const { return Stage::tensor; }
  /// The encoder, where its outputs are made; else null.
  virtual const MultimodalEncoder* encoder() const { return nullptr; }
};

/// The embeddings of a checkpoint.
class EmbeddingOutput final : public ModalityOutput {
 public:
  explicit EmbeddingOutput(const MultimodalEncoder& encoder) : encoder_(encoder) {}
  bool has(Modality modality) const override { return encoder_.has(modality); }
  std::size_t size(Modality) const override { return encoder_.embedding_size(); }
  void make(const ModalityInput& input, std::span<float> out, std::span<Status> status,
            std::size_t n_threads) const override {
    encoder_.embed(input, out, status, n_threads);
  }
  const MultimodalEncoder* encoder() const override { return &encoder_; }

 private:
  const MultimodalEncoder& encoder_;
};

/// The tensors as they are: of photo x_enc [T, 9] and behind it mask [T], of spectra [3, pixels], of metadata
/// [columns].
class TensorOutput final : public ModalityOutput {
 public:
  explicit TensorOutput(TensorSizes sizes) : sizes_(sizes) {}
  bool has(Modality) const override { return true; }
  std::size_t size(Modality modality) const override;
  void make(const ModalityInput& input, std::span<float> out, std::span<Status> status,
            std::size_t n_threads) const override;

 private:
  TensorSizes sizes_;
};

/// Nothing but a mark: to find what cannot be read, cleaned or prepared.
class CheckOutput final : public ModalityOutput {
 public:
  /// are_read  modalities of the checkpoint that the run is for
  explicit CheckOutput(const PerModality<bool>& are_read) : are_read_(are_read) {}
  bool has(Modality modality) const override { return are_read_[index_of(modality)]; }
  std::size_t size(Modality) const override { return 1; }
  void make(const ModalityInput& input, std::span<float> out, std::span<Status> status,
            std::size_t n_threads) const override;
  Stage photo_stage() const override { return Stage::cleaning; }

 private:
  PerModality<bool> are_read_;
};

}  // namespace astrom3
