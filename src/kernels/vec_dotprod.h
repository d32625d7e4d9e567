// SPDX-License-Identifier: MIT
//
// Vec on aarch64 with dot products of bytes: these change nothing for floats. See vec.h.
#pragma once

#include "kernels/vec_neon.h"
