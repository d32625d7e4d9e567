// SPDX-License-Identifier: MIT
//
// What was written reaches the disk: fsync(2), or what stands for it.
#pragma once

namespace astrom3 {

/// Returns when the file or folder behind `descriptor` is on disk: 0, or errno. On macOS, fsync(2) leaves the
/// bytes in the cache of the drive, so that F_FULLFSYNC is asked for.
int flush_to_disk(int descriptor) noexcept;

}  // namespace astrom3
