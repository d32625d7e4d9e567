// SPDX-License-Identifier: MIT
//
// The numbers 1, 2, ... n as template arguments, for tables of functions that differ in the number of rows
// that they hold in registers.
#pragma once

#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

template <std::size_t... N>
struct Counts {};

template <std::size_t N, std::size_t... After>
struct CountTo : CountTo<N - 1, N, After...> {};
template <std::size_t... After>
struct CountTo<0, After...> {
  using Counted = Counts<After...>;
};

/// Counts<1, 2, ... n>.
template <std::size_t N>
using UpTo = typename CountTo<N>::Counted;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
