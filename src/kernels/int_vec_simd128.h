// SPDX-License-Identifier: MIT
//
// IntVec for WebAssembly. See int_vec.h.
#pragma once

#include "kernels/int_vec_scalar.h"
