// SPDX-License-Identifier: MIT
#include "pipeline/tensor_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/sink/file_names.h"
#include "base/joined.h"
#include "base/number.h"
#include "formats/keyed_table.h"

namespace astrom3 {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, std::string message) {
  throw Error(Diagnostic{.code = Status::bad_tensors, .file = file.string(), .message = std::move(message)});
}

/// The cells of a table that may lack columns.
class Cells {
 public:
  explicit Cells(KeyedTable& table) : table_(table) {}

  std::size_t want(const char* name) {
    const auto column = table_.find(name);
    if (!column) return kAbsent;
    columns_.push_back({*column, CellType::text});
    return columns_.size() - 1;
  }
  void select() { table_.select(columns_); }
  std::string text(std::size_t cell) const {
    return cell == kAbsent ? std::string() : std::string(trimmed(table_.text(cell)));
  }

  static constexpr std::size_t kAbsent = SIZE_MAX;

 private:
  KeyedTable& table_;
  std::vector<TableColumn> columns_;
};

}  // namespace

std::vector<TensorRow> read_tensor_rows(const std::filesystem::path& folder) {
  KeyedTable table(folder / kObjectsName, Status::bad_tensors);
  Cells cells(table);
  const std::size_t id = cells.want("object_id"), status = cells.want("status"), flags = cells.want("flags"),
                    modalities = cells.want("modalities");
  if (modalities == Cells::kAbsent && status == Cells::kAbsent)
    table.fail("has neither modalities nor status");
  cells.select();
  std::vector<TensorRow> rows;
  while (table.next()) {
    TensorRow row{.object_id = cells.text(id), .status = cells.text(status), .flags = cells.text(flags)};
    const std::string names = ";" + cells.text(modalities) + ";";
    for (const Modality modality : kModalities) {
      row.has[index_of(modality)] =
          modalities == Cells::kAbsent
              ? row.status == "ok"
              : names.find(fmt::format(";{};", modality_name(modality))) != std::string::npos;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

NpyArray read_tensor_array(const std::filesystem::path& file, std::size_t n_objects,
                           const std::vector<std::int64_t>& tail) {
  NpyArray array = read_npy(file);
  bool fits = array.shape.size() == tail.size() + 1;
  for (std::size_t i = 0; fits && i < tail.size(); ++i)
    fits = tail[i] == 0 || array.shape[i + 1] == static_cast<std::size_t>(tail[i]);
  if (!fits)
    fail(file, fmt::format("is [{}], expected [N, {}]", joined(array.shape, ", "), joined(tail, ", ")));
  if (array.shape[0] != n_objects)
    fail(file, fmt::format("is of {} objects, {} has {}", array.shape[0], kObjectsName, n_objects));
  const bool is_finite =
      std::all_of(array.values.begin(), array.values.end(), [](float v) { return std::isfinite(v); });
  if (!is_finite) fail(file, "has values that are not finite");
  return array;
}

void require_scaling(const std::filesystem::path& folder, const std::optional<Scaling>& photo,
                     const std::optional<MetadataScaling>& metadata) {
  const std::filesystem::path file = folder / kScalingName;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return;
  constexpr const char* kOthers =
      "says that {} were standardised by other numbers than the checkpoint expects";
  const auto is_there = [&](const char* name) { return std::filesystem::exists(folder / name, error); };
  if (photo && is_there(kTensorName) && !are_same(read_scaling(file), *photo))
    fail(file, fmt::format(kOthers, "light curves"));
  if (metadata && is_there(kMetadataName) && read_metadata_scaling(file).described() != metadata->described())
    fail(file, fmt::format(kOthers, "metadata"));
}

}  // namespace astrom3
