// SPDX-License-Identifier: MIT
//
// Scratch memory of one running call, and the list from which calls borrow it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/aligned_buffer.h"
#include "encoder/padded_steps.h"
#include "encoder/sizes.h"
#include "kernels/int8.h"
#include "kernels/kernels.h"

namespace astrom3 {

/// One light curve's activations. Each array begins on a cache line; padding columns are zero.
class Workspace {
 public:
  /// int8: null for float32.
  Workspace(const EncoderSizes& sizes, const kernels::KernelTable& table,
            const kernels::Int8KernelTable* int8);

  float* x;          ///< [T + 2, C] the input with its last row before the first and its first after the last
  float* h;          ///< [T, D_padded] the hidden state
  float* queries;    ///< [T, D_padded] the rows of h that are asked for
  float* y;          ///< [T, D_padded] what a block adds to the hidden state
  float* attention;  ///< [T, heads_width] attention's result, heads side by side
  float* ff;         ///< [T, ff_stride]
  float* q;          ///< [T, head_padded] of one head, as the three below
  float* k;          ///< [T_padded, head_padded]
  float* k_panels;   ///< [d_head, T_padded] in panels
  float* v;          ///< [T, head_padded] in panels
  float* scores;     ///< attention_scratch() floats
  float* weight;     ///< [T] the mask of the rows that are asked for

  // In eight bits: the rows a product reads, one head, and attention's weights.
  kernels::QuantisedRows all_rows;   ///< [T, D_padded] of h
  kernels::QuantisedRows some_rows;  ///< [T, max(D_padded, heads_width)]
  kernels::QuantisedRows ff_rows;    ///< [T, ff_padded]
  kernels::Int8Head head;
  std::uint8_t* attention_weights;  ///< [row_block, T_padded]

  // ProbSparse attention, of one head.
  float* probe;                      ///< [kProbeRows, T_padded] scores of some queries
  float* zeros;                      ///< [T_padded] never written
  float* top_queries;                ///< [sampled + 1, head_padded] the queries that attend
  float* top_values;                 ///< [sampled + 1, head_padded] what they get
  std::vector<double> sparsity;      ///< [T] M of every query
  std::vector<std::uint32_t> order;  ///< [T] queries, those that attend first

  Steps padded;                     ///< of this light curve, whose tokens are made of zeros (padded_steps.h)
  std::vector<std::uint32_t> step;  ///< [T] which steps those rows are

  std::size_t bytes() const noexcept { return memory_.size() * sizeof(float); }

 private:
  template <typename Take>
  void lay_out(const EncoderSizes& sizes, const kernels::KernelTable& table, Take take);
  template <typename Take>
  void lay_out(const EncoderSizes& sizes, const kernels::Int8KernelTable& table, Take take);

  AlignedBuffer<float> memory_;
};

/// Workspaces not in use. Any number of threads may borrow; each gets one of its own.
///
/// No lock is held at any time: a process that forks while others borrow leaves its child a pool that works.
class WorkspacePool {
 public:
  WorkspacePool(const EncoderSizes& sizes, const kernels::KernelTable& table,
                const kernels::Int8KernelTable* int8)
      : sizes_(sizes), table_(table), int8_(int8) {}
  ~WorkspacePool();
  WorkspacePool(const WorkspacePool&) = delete;
  WorkspacePool& operator=(const WorkspacePool&) = delete;

  /// Gives its workspace back when it goes.
  class Loan {
   public:
    explicit Loan(WorkspacePool& pool) : pool_(pool), workspace_(pool.take()) {}
    ~Loan() { pool_.give_back(std::move(workspace_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Workspace& operator*() const noexcept { return *workspace_; }

   private:
    WorkspacePool& pool_;
    std::unique_ptr<Workspace> workspace_;
  };

 private:
  std::unique_ptr<Workspace> take();
  void give_back(std::unique_ptr<Workspace> workspace) noexcept;

  const EncoderSizes& sizes_;
  const kernels::KernelTable& table_;
  const kernels::Int8KernelTable* int8_;
  std::array<std::atomic<Workspace*>, 64> free_{};  ///< null: empty; what does not fit is freed
};

}  // namespace astrom3
