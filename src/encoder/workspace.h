// SPDX-License-Identifier: MIT
//
// The scratch memory of one running call, and the pool from which calls borrow it.
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

/// The activations of one light curve. Each array begins on a cache line; the columns of padding are zero.
class Workspace {
 public:
  /// `int8` is null where the precision is float32.
  Workspace(const EncoderSizes& sizes, const kernels::KernelTable& table,
            const kernels::Int8KernelTable* int8);

  float* x;  ///< [T + 2, C] the input, with its last row once more before it and its first row once more
             ///< after it
  float* h;  ///< [T, D_padded] the hidden state
  float* queries;    ///< [T, D_padded] the rows of h that are asked for
  float* y;          ///< [T, D_padded] the result of a block, which is added to the hidden state
  float* attention;  ///< [T, heads_width] the result of attention, all heads side by side
  float* ff;         ///< [T, ff_stride]
  float* q;          ///< [T, head_padded] the queries of one head; the next three belong to one head, too
  float* k;          ///< [T_padded, head_padded]
  float* k_panels;   ///< [d_head, T_padded] in panels
  float* v;          ///< [T, head_padded] in panels
  float* scores;     ///< attention_scratch() floats
  float* weight;     ///< [T] the mask of the rows that are asked for

  // Only in eight bits: the rows that products read, the data of one head, and the weights of attention.
  kernels::QuantisedRows all_rows;   ///< [T, D_padded] of h
  kernels::QuantisedRows some_rows;  ///< [T, max(D_padded, heads_width)]
  kernels::QuantisedRows ff_rows;    ///< [T, ff_padded]
  kernels::Int8Head head;
  std::uint8_t* attention_weights;  ///< [row_block, T_padded]

  // Only for ProbSparse attention; the data of one head.
  float* probe;                      ///< [kProbeRows, T_padded] the scores of a few queries
  float* zeros;                      ///< [T_padded] zeros, which are never overwritten
  float* top_queries;                ///< [sampled + 1, head_padded] the queries that attend
  float* top_values;                 ///< [sampled + 1, head_padded] their results
  std::vector<double> sparsity;      ///< [T] the sparsity M of every query
  std::vector<std::uint32_t> order;  ///< [T] all queries, first those that attend

  Steps padded;  ///< the steps of this light curve whose tokens are made of zeros (padded_steps.h)
  std::vector<std::uint32_t> step;  ///< [T] the steps to which the rows `queries` belong

  std::size_t bytes() const noexcept { return memory_.size() * sizeof(float); }

 private:
  template <typename Take>
  void lay_out(const EncoderSizes& sizes, const kernels::KernelTable& table, Take take);
  template <typename Take>
  void lay_out(const EncoderSizes& sizes, const kernels::Int8KernelTable& table, Take take);

  AlignedBuffer<float> memory_;
};

/// The workspaces that are not in use. Any number of threads may borrow; each gets a workspace of its own.
///
/// There is no lock: in the child of a process that forks while other threads borrow, the pool still works.
class WorkspacePool {
 public:
  WorkspacePool(const EncoderSizes& sizes, const kernels::KernelTable& table,
                const kernels::Int8KernelTable* int8)
      : sizes_(sizes), table_(table), int8_(int8) {}
  ~WorkspacePool();
  WorkspacePool(const WorkspacePool&) = delete;
  WorkspacePool& operator=(const WorkspacePool&) = delete;

  /// A borrowed workspace, which goes back to the pool at the end of the loan.
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
  std::array<std::atomic<Workspace*>, 64>
      free_{};  ///< null is an empty place; a workspace that finds no place is freed
};

}  // namespace astrom3
