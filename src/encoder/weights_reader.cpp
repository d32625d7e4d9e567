// SPDX-License-Identifier: MIT
#include "encoder/weights_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "base/regular_file.h"
#include "encoder/tensor_values.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

// So small that a piece stays in the CPU's cache while it is read, hashed, widened and checked. A multiple of
// every element's size, so that no element lies in two pieces.
constexpr std::size_t kPieceBytes = std::size_t{1} << 18;

constexpr std::string_view kSharded = "sharded checkpoints are not supported";
constexpr std::string_view kMerge = "merge the shards into one model.safetensors";

/// The hash of a file that could not be loaded; empty where the file cannot be read at all.
std::string hash_of(const fs::path& path) {
  try {
    const RegularFile file(path, Status::bad_model);
    return sha256_of(file);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

void fail_model(const fs::path& file, std::string message, Hint hint) {
  throw Error(Diagnostic{.code = Status::bad_model,
                         .file = file.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

bool is_present(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

fs::path find_weights(const fs::path& model) {
  std::error_code ignored;
  if (!fs::is_directory(model, ignored)) {
    if (model.string().ends_with(".safetensors.index.json")) {
      fail_model(model, std::string(kSharded), std::string(kMerge));
    }
    return model;
  }
  const fs::path weights = model / kWeightsName;
  if (is_present(weights)) return weights;
  if (is_present(model / "model.safetensors.index.json")) {
    fail_model(model / "model.safetensors.index.json", std::string(kSharded), std::string(kMerge));
  }
  const bool has_pickle = is_present(model / "pytorch_model.bin");
  fail_model(model, "the directory has no model.safetensors",
             has_pickle
                 ? "pytorch_model.bin is a PyTorch pickle, which is not read (unsafe): save the model as "
                   "safetensors"
                 : "");
}

WeightsReader::WeightsReader(const fs::path& path) : file_(path, Status::bad_model) {
  std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(file_.size(), 64)));
  file_.read_at(0, head);
  const std::size_t length = safetensors_header_length(head, file_.size(), path.string());
  std::string text(length, '\0');
  file_.read_at(8, std::as_writable_bytes(std::span(text)));
  hash_.update(std::span(head).first(8));
  hash_.update(std::as_bytes(std::span(text)));
  header_ = parse_safetensors_header(text, file_.size(), path.string());
}

void WeightsReader::read_data(const std::function<TensorValues*(const TensorEntry&)>& wanted) {
  std::vector<std::byte> piece(kPieceBytes);
  for (const TensorEntry& entry : header_.tensors) {
    TensorValues* values = wanted(entry);
    for (std::uint64_t done = 0; done < entry.byte_size;) {
      throw_if_stopped();  // tensors that the encoder does not use may have any size
      const auto bytes = std::span(piece).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, entry.byte_size - done)));
      file_.read_at(entry.file_offset + done, bytes);
      hash_.update(bytes);
      if (values != nullptr) values->append(bytes);
      done += bytes.size();
    }
  }
  file_.require_unchanged();
}

void require_hash(const fs::path& model, std::string expected, std::string found) {
  if (expected.empty()) return;
  const fs::path weights = find_weights(model);
  if (found.empty()) found = hash_of(weights);
  std::transform(expected.begin(), expected.end(), expected.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (found.empty() || found == expected) return;
  fail_model(weights, fmt::format("SHA-256 mismatch: expected {}, the file has {}", escaped(expected), found),
             "the file was damaged or replaced: fetch it again");
}

}  // namespace astrom3
