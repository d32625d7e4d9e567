// SPDX-License-Identifier: MIT
#include "kernels/dispatch.h"

#include "base/aligned_buffer.h"

namespace astrom3::kernels {

const KernelTable& kernels(Isa isa) noexcept {
  switch (isa) {
    case Isa::avx512:
      return avx512::kTable;
    case Isa::avx2:
      return avx2::kTable;
    case Isa::scalar:
      break;
  }
  return scalar::kTable;
}

const TrainingTable<float>& training_kernels(Isa isa) noexcept {
  switch (isa) {
    case Isa::avx512:
      return avx512::kTraining;
    case Isa::avx2:
      return avx2::kTraining;
    case Isa::scalar:
      break;
  }
  return scalar::kTraining;
}

const Int8KernelTable& int8_kernels(Isa isa) noexcept {
  switch (isa) {
    case Isa::avx512:
      return avx512::kInt8Table;
    case Isa::avx2:
      return avx2::kInt8Table;
    case Isa::scalar:
      break;
  }
  return scalar::kInt8Table;
}

std::size_t attention_scratch(const KernelTable& table, std::size_t n_keys) noexcept {
  return table.row_block * (round_up(n_keys, 16) + 1);  // the scores of a block of queries and their sums
}

}  // namespace astrom3::kernels
