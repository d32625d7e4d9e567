// SPDX-License-Identifier: MIT
//
// The file with the weights of a checkpoint: it is found, read once, and hashed while it is read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>

#include "astrom3/base/error.h"
#include "base/regular_file.h"
#include "base/sha256.h"
#include "encoder/tensor_values.h"
#include "formats/safetensors.h"

namespace astrom3 {

/// True where there is anything under this name, also a symbolic link to nothing.
bool is_present(const std::filesystem::path& path);

/// Throws Error bad_model.
[[noreturn]] void fail_model(const std::filesystem::path& file, std::string message, Hint hint = {});

/// The weights file of the model that the user named: model.safetensors of a directory, or the file itself.
/// Throws Error bad_model where a directory has none.
std::filesystem::path find_weights(const std::filesystem::path& model);

/// The weights file while it is being read: its header, and the hash of what has been read.
class WeightsReader {
 public:
  explicit WeightsReader(const std::filesystem::path& path);

  const SafetensorsHeader& header() const { return header_; }

  /// Reads the whole data section in the order of the file. `wanted` returns where the values of a tensor go,
  /// or null where they are not wanted. The hash covers the whole file in any case.
  void read_data(const std::function<TensorValues*(const TensorEntry&)>& wanted);

  /// The hash of the whole file. Call it once, after read_data().
  std::string finish_hash() { return hash_.finish_hex(); }

 private:
  RegularFile file_;
  SafetensorsHeader header_;
  Sha256 hash_;
};

/// Throws Error bad_model where the weights of `model` have another hash than `expected`; with an empty
/// `expected` nothing is checked. `found` is the hash if it is known; else it is computed, where the file can
/// be read.
void require_hash(const std::filesystem::path& model, std::string expected, std::string found = {});

/// Returns the result of `load`, whose `sha256` must be `expected`. Where `load` fails on a file with another
/// hash, the error says that the file is damaged, and not which part of it the damage hit. Throws Error
/// bad_model also where there is not enough memory.
template <typename Load>
auto load_weights(const std::filesystem::path& model, const std::string& expected, const Load& load) {
  const auto no_memory = [&] {
    throw Error(Diagnostic{
        .code = Status::bad_model, .file = model.string(), .message = "not enough memory for its tensors"});
  };
  decltype(load()) checkpoint;
  try {
    checkpoint = load();
    require_hash(checkpoint->weights_file, expected, checkpoint->sha256);
  } catch (const std::bad_alloc&) {
    no_memory();
  } catch (const std::length_error&) {
    no_memory();
  } catch (const Error& error) {
    if (!expected.empty() && error.code() == Status::bad_model) require_hash(model, expected);
    throw;
  }
  return checkpoint;
}

}  // namespace astrom3
