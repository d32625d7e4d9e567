// SPDX-License-Identifier: MIT
#include "encoder/workspace.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/aligned_buffer.h"
#include "encoder/sizes.h"
#include "kernels/dispatch.h"
#include "kernels/int8.h"
#include "kernels/kernels.h"

namespace astrom3 {

Workspace::Workspace(const EncoderSizes& sizes, const kernels::KernelTable& table,
                     const kernels::Int8KernelTable* int8) {
  std::size_t used = 0;
  const auto take = [&](std::size_t n) {
    float* p = memory_.size() == 0 ? nullptr : memory_.data() + used;
    used += round_up(n, kVectorLanes);
    return p;
  };
  for (int pass = 0; pass < 2; ++pass) {  // the first pass only measures
    if (pass == 1) memory_ = AlignedBuffer<float>(used);
    used = 0;
    lay_out(sizes, table, take);
    if (int8 != nullptr) lay_out(sizes, *int8, take);
  }
  step.resize(sizes.T);
  sparsity.resize(sizes.T);
  order.resize(sizes.T);
}

template <typename Take>
void Workspace::lay_out(const EncoderSizes& s, const kernels::KernelTable& table, Take take) {
  x = take((s.T + 2) * s.C);
  h = take(s.T * s.D_padded);
  queries = take(s.T * s.D_padded);
  y = take(s.T * s.D_padded);
  attention = take(s.T * s.heads_width);
  ff = take(s.T * s.ff_stride);
  q = take(s.T * s.head_padded);
  k = take(s.T_padded * s.head_padded);
  k_panels = take(s.d_head * s.T_padded);
  v = take(s.T * s.head_padded);
  scores = take(kernels::attention_scratch(table, s.T));
  weight = take(s.T);
  probe = take(kProbeRows * s.T_padded);
  zeros = take(s.T_padded);
  top_queries = take((s.sampled + 1) * s.head_padded);
  top_values = take((s.sampled + 1) * s.head_padded);
}

template <typename Take>
void Workspace::lay_out(const EncoderSizes& s, const kernels::Int8KernelTable& table, Take take) {
  const auto bytes = [&](std::size_t n) {
    return reinterpret_cast<std::uint8_t*>(take((n + sizeof(float) - 1) / sizeof(float)));
  };
  const auto signed_bytes = [&](std::size_t n) { return reinterpret_cast<std::int8_t*>(bytes(n)); };
  // Each row is followed by one more cache line, as in ff: rows that lie a power of two apart would use the
  // same cache sets.
  const auto rows = [&](std::size_t width) {
    const std::size_t stride = width + kCacheLine;
    return kernels::QuantisedRows{
        .q = bytes(s.T * stride), .stride = stride, .scale = take(s.T), .low = take(s.T)};
  };
  all_rows = rows(s.D_padded);
  some_rows = rows(std::max(s.D_padded, s.heads_width));
  ff_rows = rows(s.ff_padded);
  head.q = bytes(s.T * s.head_padded);
  head.q_scale = take(s.T);
  head.k = signed_bytes(s.T_padded * s.head_padded);
  head.k_scale = take(s.T_padded);
  head.k_sum = reinterpret_cast<std::int32_t*>(take(s.T_padded));
  head.v = signed_bytes(s.T_padded * s.head_padded);
  head.v_scale = take(s.head_padded);
  attention_weights = bytes(table.row_block * s.T_padded);
}

WorkspacePool::~WorkspacePool() {
  for (const auto& slot : free_) delete slot.load();
}

std::unique_ptr<Workspace> WorkspacePool::take() {
  for (auto& slot : free_) {
    if (Workspace* workspace = slot.exchange(nullptr)) return std::unique_ptr<Workspace>(workspace);
  }
  return std::make_unique<Workspace>(sizes_, table_, int8_);
}

void WorkspacePool::give_back(std::unique_ptr<Workspace> workspace) noexcept {
  for (auto& slot : free_) {
    Workspace* empty = nullptr;
    if (slot.compare_exchange_strong(empty, workspace.get())) {
      static_cast<void>(workspace.release());
      return;
    }
  }
}

}  // namespace astrom3
