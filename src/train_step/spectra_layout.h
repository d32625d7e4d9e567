// SPDX-License-Identifier: MIT
//
// Where the convolutions of a spectra encoder lie in the array of padded parameters, and how long a spectrum
// is between them.
#pragma once

#include <cstddef>
#include <vector>

#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "train_step/parameters.h"

namespace astrom3::train {

/// One convolution as a product: the kernel_size neighbouring rows of channels, which lie side by side in
/// memory, with a matrix. Of the first one the rows are copied, for they are few and narrow.
struct ConvolutionPlace {
  LinearPlace linear;            ///< [channels out] from [kernel_size, channels in]
  std::size_t input_stride = 0;  ///< from one position of the input to the next
  std::size_t inputs = 0;        ///< positions of the input
  std::size_t window = 1;        ///< positions that become one behind it
  std::size_t outputs = 0;       ///< positions behind the maximum

  std::size_t convolved() const { return outputs * window; }  ///< positions that matter to the maximum
};

class SpectraLayout {
 public:
  /// Throws Error usage where spectra of `n_pixels` are too short.
  SpectraLayout(const SpectraConfig& config, std::size_t n_pixels);

  std::size_t channels, n_pixels, kernel;
  std::vector<ConvolutionPlace> layers;
  std::vector<TensorPlace> tensors;    ///< upstream's names, without a prefix
  std::vector<ParameterRange> decays;  ///< the matrices
  std::size_t size = 0;

  std::size_t positions() const { return layers.back().outputs; }
  std::size_t width() const { return layers.back().linear.n; }     ///< channels behind the last, padded
  std::size_t flat_size() const { return positions() * width(); }  ///< position by position
};

}  // namespace astrom3::train
