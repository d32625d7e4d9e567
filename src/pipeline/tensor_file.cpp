// SPDX-License-Identifier: MIT
#include "pipeline/tensor_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/tensor.h"
#include "base/joined.h"
#include "formats/parquet.h"
#include "formats/safetensors.h"
#include "pipeline/tensor_folder.h"
#include "pipeline/tensor_table.h"

namespace astrom3 {
namespace {

constexpr const char* kColumn = "photometry";

[[noreturn]] void bad_tensors(const std::filesystem::path& file, const std::string& name,
                              std::string message) {
  throw Error(Diagnostic{
      .code = Status::bad_tensors, .file = file.string(), .column = name, .message = std::move(message)});
}

TensorFile read_safetensors(const std::filesystem::path& path, const EncoderConfig& config) {
  const SafetensorsFile file = open_tensors(path);
  TensorFile tensors{.x_enc = read_float_tensor(file, path, "x_enc", {config.seq_len, config.enc_in}),
                     .mask = read_float_tensor(file, path, "mask", {config.seq_len})};
  const auto n_steps = static_cast<std::size_t>(config.seq_len);
  if (tensors.x_enc.size() != tensors.mask.size() * kChannels) {
    bad_tensors(path, "mask",
                fmt::format("expected [{}, {}] to match x_enc, found [{}, {}]",
                            tensors.x_enc.size() / (n_steps * kChannels), n_steps,
                            tensors.mask.size() / n_steps, n_steps));
  }
  return tensors;
}

TensorFile read_parquet(const std::filesystem::path& path, std::size_t n_steps) try {
  const auto reader = open_parquet_reader(path);
  reader->select({{.name = kColumn, .type = CellType::rows, .width = kChannels}});
  TensorFile tensors;
  std::vector<ColumnData> cells;
  std::uint64_t row = 0;
  while (const std::size_t n = reader->next(cells)) {
    std::span<const float> rest = cells[0].floats;
    for (std::size_t i = 0; i < n; ++i) {
      const auto rows = rest.first(cells[0].counts[i] * kChannels);
      rest = rest.subspan(rows.size());
      ++row;
      if (rows.empty())
        bad_tensors(path, kColumn, fmt::format("row {}: null, empty, or not rows of nine numbers", row));
      const auto bad = std::find_if(rows.begin(), rows.end(), [](float v) { return !std::isfinite(v); });
      if (bad != rows.end()) {
        const auto at = static_cast<std::size_t>(bad - rows.begin());
        bad_tensors(path, kColumn,
                    fmt::format("row {}: element [{}, {}] is {}", row, at / kChannels, at % kChannels, *bad));
      }
      tensors.x_enc.resize(tensors.x_enc.size() + n_steps * kChannels);
      tensors.mask.resize(tensors.mask.size() + n_steps);
      place_rows(rows, std::span(tensors.x_enc).last(n_steps * kChannels),
                 std::span(tensors.mask).last(n_steps));
    }
  }
  return tensors;
} catch (const Error& error) {
  Diagnostic diagnostic = error.diagnostic();
  if (diagnostic.code == Status::bad_parquet) diagnostic.code = Status::bad_tensors;
  throw Error(std::move(diagnostic));
}

/// Leaves out the rows of the rejected.
void keep_accepted(std::vector<float>& values, const std::vector<bool>& rejected) {
  const std::size_t size = rejected.empty() ? 0 : values.size() / rejected.size();
  auto end = values.begin();
  for (std::size_t i = 0; i < rejected.size(); ++i) {
    if (rejected[i]) continue;
    const auto row = values.begin() + static_cast<std::ptrdiff_t>(i * size);
    end = std::copy(row, row + static_cast<std::ptrdiff_t>(size), end);
  }
  values.erase(end, values.end());
}

TensorFile read_folder(const std::filesystem::path& folder, const Checkpoint& checkpoint) {
  const EncoderConfig& config = checkpoint.config;
  require_scaling(folder, checkpoint.scaling.value_or(published_scaling()));
  const std::vector<TensorRow> rows = read_tensor_rows(folder);
  TensorFile tensors{
      .x_enc = read_tensor_array(folder / kTensorName, rows.size(), {config.seq_len, config.enc_in}).values,
      .mask = read_tensor_array(folder / kMaskName, rows.size(), {config.seq_len}).values};
  for (const TensorRow& row : rows) tensors.rejected.push_back(!row.has[index_of(Modality::photo)]);
  keep_accepted(tensors.x_enc, tensors.rejected);
  keep_accepted(tensors.mask, tensors.rejected);
  return tensors;
}

}  // namespace

SafetensorsFile open_tensors(const std::filesystem::path& path) {
  try {
    return SafetensorsFile::open(path);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.code = Status::bad_tensors;
    throw Error(diagnostic);
  }
}

std::vector<float> read_float_tensor(const SafetensorsFile& file, const std::filesystem::path& path,
                                     const std::string& name, const std::vector<std::int64_t>& tail) {
  if (!file.contains(name)) {
    bad_tensors(path, name, fmt::format("not in the file, which has: {}", joined(file.names(), ", ")));
  }
  const TensorView tensor = file.at(name);
  const auto& shape = tensor.shape();
  const bool fits =
      shape.size() == tail.size() + 1 && std::equal(tail.begin(), tail.end(), shape.begin() + 1);
  if (!fits || tensor.dtype() != Dtype::f32) {
    bad_tensors(path, name,
                fmt::format("expected F32 [B, {}], found {} [{}]", joined(tail, ", "),
                            tensor.entry->dtype_name, joined(shape, ", ")));
  }
  std::vector<float> values = to_float32(tensor);
  const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  if (bad != values.end()) {
    bad_tensors(path, name, fmt::format("element {} is {}", bad - values.begin(), *bad));
  }
  return values;
}

TensorFile read_tensor_file(const std::filesystem::path& file, const Checkpoint& checkpoint) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return read_folder(file, checkpoint);
  if (is_parquet_file(file)) return read_parquet(file, static_cast<std::size_t>(checkpoint.config.seq_len));
  return read_safetensors(file, checkpoint.config);
}

}  // namespace astrom3
