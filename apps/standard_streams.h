// SPDX-License-Identifier: MIT
//
// Standard input, output and error, also where the caller closed them.
#pragma once

namespace astrom3::cli {

/// Call this first. If one of the descriptors 0 to 2 is closed, as cron and daemons leave them, it is opened
/// so that every use of it fails, as it would anyway. Otherwise the next file that is opened would get its
/// number, and messages would be written into that file.
void hold_standard_descriptors();

/// Writes the buffer of standard output. Throws Error output_error if this fails, or failed before: a full
/// disk behind `> file` must not go unnoticed.
void flush_standard_output();

/// Whether something could not be written to standard output.
bool standard_output_failed() noexcept;

}  // namespace astrom3::cli
