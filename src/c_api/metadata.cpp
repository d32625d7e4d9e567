// SPDX-License-Identifier: MIT
#include "astrom3/metadata/metadata.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "astrom3/c_api/modalities.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "base/joined.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"  // IWYU pragma: keep (completes the types of c_api.h)

namespace astrom3::c_api {
namespace {

/// Number i of a column of any type; whole numbers of 64 bits as texts, which lose nothing.
template <typename T>
void take_numbers(const astrom3_column& given, std::size_t n, MetadataColumn& column) {
  const T* const values = static_cast<const T*>(given.data);
  for (std::size_t i = 0; i < n; ++i) {
    if constexpr (sizeof(T) == 8 && std::is_integral_v<T>) {
      column.texts.push_back(std::to_string(values[i]));
    } else {
      column.numbers.push_back(static_cast<double>(values[i]));
    }
  }
}

void take_values(const astrom3_column& given, std::size_t n, MetadataColumn& column) {
  switch (given.type) {
    case ASTROM3_INT8:
      return take_numbers<std::int8_t>(given, n, column);
    case ASTROM3_INT16:
      return take_numbers<std::int16_t>(given, n, column);
    case ASTROM3_INT32:
      return take_numbers<std::int32_t>(given, n, column);
    case ASTROM3_INT64:
      return take_numbers<std::int64_t>(given, n, column);
    case ASTROM3_UINT8:
      return take_numbers<std::uint8_t>(given, n, column);
    case ASTROM3_UINT16:
      return take_numbers<std::uint16_t>(given, n, column);
    case ASTROM3_UINT32:
      return take_numbers<std::uint32_t>(given, n, column);
    case ASTROM3_UINT64:
      return take_numbers<std::uint64_t>(given, n, column);
    case ASTROM3_FLOAT32:
      return take_numbers<float>(given, n, column);
    case ASTROM3_FLOAT64:
      return take_numbers<double>(given, n, column);
    default:
      throw Error(Status::usage, fmt::format("column \"{}\": metadata are no numbers of type {}",
                                             escaped(given.name), given.type));
  }
}

MetadataColumn column_of(const astrom3_column& given, std::size_t n) {
  require(given.name, "columns: name");
  if (n > 0) require(given.data, given.name);
  MetadataColumn column{.name = given.name, .numbers = {}, .texts = {}};
  if (given.categories == nullptr) {
    take_values(given, n, column);
    return column;
  }
  if (given.type != ASTROM3_INT32)
    throw Error(Status::usage,
                fmt::format("column \"{}\": texts are numbered in int32", escaped(given.name)));
  const auto* const codes = static_cast<const std::int32_t*>(given.data);
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_there = codes[i] >= 0 && static_cast<std::size_t>(codes[i]) < given.n_categories;
    column.texts.emplace_back(is_there ? given.categories[codes[i]] : "");
  }
  return column;
}

std::string lines_of(const std::vector<Diagnostic>& warnings) {
  std::string text;
  for (const Diagnostic& warning : warnings)
    text += (text.empty() ? "" : "\n") + to_string(warning, "warning", option_spelling());
  return text;
}

MetadataScaling scaling_of(const astrom3_model* model, const char* downloaded,
                           const ModalityTreatment& treatment) {
  require(model, "model");
  const MultimodalEncoder& encoder = model->of_modalities();
  if (!encoder.has(Modality::metadata))
    throw Error(Status::usage, fmt::format("the checkpoint has no encoder of metadata: its kind is {}",
                                           checkpoint_kind_name(encoder.config().kind)));
  std::optional<std::filesystem::path> file;
  if (downloaded != nullptr) file = downloaded;
  return metadata_scaling_of(encoder.checkpoint(), treatment.metadata_scaling, file);
}

/// The handle of a table.
astrom3_metadata* opened(MetadataTable table) {
  std::vector<std::string> flags;
  for (const std::string& id : table.ids()) flags.push_back(joined(table.find(id)->flags, ";"));
  std::string warnings = lines_of(table.warnings()), origins = joined(table.origins(), "\n");
  return new astrom3_metadata{std::move(table), std::move(warnings), std::move(origins), std::move(flags)};
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

const char* astrom3_metadata_unit(const char* column) {
  try {
    const auto unit = column == nullptr ? std::nullopt : metadata_unit(column);
    return unit ? unit->data() : nullptr;  // literals end with a zero
  } catch (const std::exception&) {        // no memory for the names
    return nullptr;
  }
}

astrom3_status astrom3_metadata_read(const astrom3_model* model, const char* path, const char* scaling,
                                     const astrom3_options* options, astrom3_metadata** metadata) {
  return guarded([&] {
    require(path, "path");
    require(metadata, "metadata");
    *metadata = nullptr;
    const ModalityTreatment treatment = treatment_of(options);
    *metadata = opened(MetadataTable(std::filesystem::path(path), scaling_of(model, scaling, treatment),
                                     metadata_options(treatment)));
    return Status::ok;
  });
}

astrom3_status astrom3_metadata_from_columns(const astrom3_model* model, size_t n_rows,
                                             const astrom3_column* columns, size_t n_columns,
                                             const char* const* object_ids, const char* scaling,
                                             const astrom3_options* options, astrom3_metadata** metadata) {
  return guarded([&] {
    require(metadata, "metadata");
    *metadata = nullptr;
    if (n_columns > 0) require(columns, "columns");
    const ModalityTreatment treatment = treatment_of(options);
    MetadataScaling how = scaling_of(model, scaling, treatment);
    MetadataOptions reading = metadata_options(treatment);
    std::vector<MetadataColumn> cells;
    for (std::size_t i = 0; i < n_columns; ++i) cells.push_back(column_of(columns[i], n_rows));
    if (object_ids != nullptr) {
      MetadataColumn ids{.name = "ids of the caller", .numbers = {}, .texts = {}};
      for (std::size_t i = 0; i < n_rows; ++i) {
        require(object_ids[i], "object_ids");
        ids.texts.emplace_back(object_ids[i]);
      }
      reading.id_column = ids.name;
      cells.push_back(std::move(ids));
    }
    *metadata = opened(MetadataTable(std::move(cells), n_rows, std::move(how), std::move(reading)));
    return Status::ok;
  });
}

void astrom3_metadata_close(astrom3_metadata* metadata) {
  delete metadata;
}

size_t astrom3_metadata_size(const astrom3_metadata* metadata) {
  return metadata == nullptr ? 0 : metadata->table.size();
}

astrom3_status astrom3_metadata_get(const astrom3_metadata* metadata, size_t i, astrom3_metadata_row* row) {
  return guarded([&] {
    require(metadata, "metadata");
    require_struct(row, "row");
    if (i >= metadata->table.size())
      throw Error(Status::usage,
                  fmt::format("metadata: there is no row {} of {}", i, metadata->table.size()));
    const std::string& id = metadata->table.ids()[i];
    const MetadataRow& found = *metadata->table.find(id);
    *row = {};
    row->struct_size = sizeof *row;
    row->status = static_cast<int32_t>(found.status);
    row->object_id = id.c_str();
    row->message = found.message.c_str();
    row->flags = metadata->flags[i].c_str();
    row->x = found.status == Status::ok ? found.x.data() : nullptr;
    row->n = metadata->table.scaling().columns.size();
    return Status::ok;
  });
}

const char* astrom3_metadata_warnings(const astrom3_metadata* metadata) {
  return metadata == nullptr ? "" : metadata->warnings.c_str();
}

const char* astrom3_metadata_origins(const astrom3_metadata* metadata) {
  return metadata == nullptr ? "" : metadata->origins.c_str();
}
