// SPDX-License-Identifier: MIT
#include "encoder/workspace.h"

#include <utility>

#include "kernels/dispatch.h"

namespace astrom3 {

Workspace::Workspace(const EncoderSizes& sizes, const kernels::KernelTable& table) {
  std::size_t used = 0;
  lay_out(sizes, table, nullptr, used);  // measures
  memory_ = AlignedBuffer<float>(used);
  used = 0;
  lay_out(sizes, table, memory_.data(), used);
  step.resize(sizes.T);
  sparsity.resize(sizes.T);
  order.resize(sizes.T);
}

void Workspace::lay_out(const EncoderSizes& s, const kernels::KernelTable& table, float* base,
                        std::size_t& used) {
  const auto take = [&](std::size_t n) {
    float* p = base == nullptr ? nullptr : base + used;
    used += round_up(n, kVectorLanes);
    return p;
  };
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

std::unique_ptr<Workspace> WorkspacePool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<Workspace> workspace = std::move(free_.back());
      free_.pop_back();
      return workspace;
    }
    free_.reserve(free_.capacity() + 1);  // so that giving back cannot fail
  }
  return std::make_unique<Workspace>(sizes_, table_);
}

void WorkspacePool::give_back(std::unique_ptr<Workspace> workspace) noexcept {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(workspace));
}

}  // namespace astrom3
