// SPDX-License-Identifier: MIT
#include "pipeline/modality_output.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "astrom3/base/error.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/tensor.h"

namespace astrom3 {
namespace {

constexpr std::size_t kSpectrumChannels = 3;

}  // namespace

std::size_t TensorOutput::size(Modality modality) const {
  if (modality == Modality::photo) return sizes_.n_steps * (kChannels + 1);
  return modality == Modality::spectra ? kSpectrumChannels * sizes_.n_pixels : sizes_.n_columns;
}

void TensorOutput::make(const ModalityInput& input, std::span<float> out, std::span<Status> status,
                        std::size_t /*n_threads*/) const {
  std::fill(status.begin(), status.end(), Status::ok);
  if (input.modality != Modality::photo) {
    std::copy(input.values.begin(), input.values.end(), out.begin());
    return;
  }
  const std::size_t n_values = sizes_.n_steps * kChannels;
  for (std::size_t i = 0; i < status.size(); ++i) {
    const auto place = out.subspan(i * size(Modality::photo), size(Modality::photo));
    std::copy_n(input.values.begin() + static_cast<std::ptrdiff_t>(i * n_values), n_values, place.begin());
    std::copy_n(input.mask.begin() + static_cast<std::ptrdiff_t>(i * sizes_.n_steps), sizes_.n_steps,
                place.begin() + static_cast<std::ptrdiff_t>(n_values));
  }
}

void CheckOutput::make(const ModalityInput& /*input*/, std::span<float> out, std::span<Status> status,
                       std::size_t /*n_threads*/) const {
  std::fill(status.begin(), status.end(), Status::ok);
  std::fill(out.begin(), out.end(), 1.0F);
}

}  // namespace astrom3
