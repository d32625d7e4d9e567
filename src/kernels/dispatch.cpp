// SPDX-License-Identifier: MIT
#include "kernels/dispatch.h"

#include <cstddef>

#include "astrom3/kernels/isa.h"
#include "base/aligned_buffer.h"
#include "kernels/convolution.h"
#include "kernels/int8.h"
#include "kernels/isa_list.h"
#include "kernels/kernels.h"
#include "kernels/periodogram.h"
#include "kernels/spectra.h"
#include "kernels/training.h"

namespace astrom3::kernels {

#define ASTROM3_DECLARE(name, test, flags)           \
  namespace name {                                   \
  extern const KernelTable kTable;                   \
  extern const TrainingTable<float> kTraining;       \
  extern const Int8KernelTable kInt8Table;           \
  extern const ConvolutionKernels kConvolutionTable; \
  extern const PeriodogramKernels kPeriodogramTable; \
  extern const SpectrumKernels kSpectrumTable;       \
  }
ASTROM3_ISA_LIST(ASTROM3_DECLARE)
#undef ASTROM3_DECLARE

namespace {

/// The tables of all functions that are compiled for every instruction set; one object for each set.
struct Tables {
  const KernelTable& encoder;
  const TrainingTable<float>& training;
  const Int8KernelTable& int8;
  const ConvolutionKernels& convolution;
  const PeriodogramKernels& periodogram;
  const SpectrumKernels& spectra;
};

Tables tables_of(Isa isa) noexcept {
  switch (isa) {
#define ASTROM3_TABLES(name, test, flags) \
  case Isa::name:                         \
    return {name::kTable,                 \
            name::kTraining,              \
            name::kInt8Table,             \
            name::kConvolutionTable,      \
            name::kPeriodogramTable,      \
            name::kSpectrumTable};
    ASTROM3_ISA_LIST(ASTROM3_TABLES)
#undef ASTROM3_TABLES
    default:
      return tables_of(compiled_isas().front());
  }
}

}  // namespace

const KernelTable& kernels(Isa isa) noexcept {
  return tables_of(isa).encoder;
}

const TrainingTable<float>& training_kernels(Isa isa) noexcept {
  return tables_of(isa).training;
}

const Int8KernelTable& int8_kernels(Isa isa) noexcept {
  return tables_of(isa).int8;
}

const ConvolutionKernels& convolution_kernels(Isa isa) noexcept {
  return tables_of(isa).convolution;
}

const PeriodogramKernels& periodogram_kernels(Isa isa) noexcept {
  return tables_of(isa).periodogram;
}

const SpectrumKernels& spectrum_kernels(Isa isa) noexcept {
  return tables_of(isa).spectra;
}

std::size_t attention_scratch(const KernelTable& table, std::size_t n_keys) noexcept {
  return table.row_block * (round_up(n_keys, 16) + 1);  // the scores of a block of queries and their sums
}

}  // namespace astrom3::kernels
