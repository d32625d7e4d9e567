// SPDX-License-Identifier: MIT
//
// Checks the files of a command: no output may be an input, or another output.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "command_line.h"

namespace astrom3::cli {

/// The kind of thing that a text on the command line names.
enum class FileUse : std::uint8_t {
  none,
  input,         ///< a file
  embeddings,    ///< a file with its description beside it, or a folder of such
  model,         ///< a checkpoint: a folder, or a file with its configuration beside it
  tensors,       ///< a folder of arrays, a table, or a folder of tables
  light_curves,  ///< files, folders, globs and @lists: see light_curve_files()
  output,
};

/// Throws Error internal for an option of text, or a positional, that is not in the table of file_claims.cpp:
/// a new one has to say whether it names a file.
FileUse file_use(std::string_view name);

/// Notes every output of the command that was chosen, also those whose names follow from others
/// (Command::writes()), and compares them with one another and with the inputs that it names: by device and
/// inode if a file exists, and by their names behind links. Standard output counts if it is a file.
/// Nothing is opened. Throws Error usage.
void claim_files(const Command& command);

/// Compares files that are found later (behind globs, lists, folders, the hub) with the outputs that
/// claim_files() noted. Throws Error usage.
void check_inputs(const std::vector<std::filesystem::path>& files);

/// Compares the files of a checkpoint, which may be the hub's, with the outputs; `scaling` is a file that is
/// elsewhere. Throws Error usage.
void check_checkpoint(const std::filesystem::path& weights, const std::filesystem::path& directory,
                      const std::optional<std::filesystem::path>& scaling);

/// The files behind light-curve arguments, none of which is an output; warnings are printed by the caller.
std::vector<std::filesystem::path> light_curve_files(const std::vector<std::string>& inputs, bool recursive,
                                                     std::vector<Diagnostic>& warnings);

/// Throws Error usage with this message if standard input is among the files.
void refuse_standard_input(const std::vector<std::filesystem::path>& files, const char* message);

}  // namespace astrom3::cli
