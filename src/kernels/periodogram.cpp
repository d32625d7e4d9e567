// SPDX-License-Identifier: MIT
#include "kernels/periodogram.h"

#include "astrom3/isa.h"

namespace astrom3::kernels {

const PeriodogramKernels& periodogram_kernels(Isa isa) noexcept {
  switch (isa) {
    case Isa::avx512:
      return avx512::kPeriodogramKernels;
    case Isa::avx2:
      return avx2::kPeriodogramKernels;
    case Isa::scalar:
      break;
  }
  return scalar::kPeriodogramKernels;
}

}  // namespace astrom3::kernels
