// SPDX-License-Identifier: MIT
//
// Vec on aarch64 with dot products of bytes is Vec on NEON: these instructions are of no use for floats. See
// vec.h.
#pragma once

#include "kernels/vec_neon.h"
