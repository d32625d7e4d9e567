// SPDX-License-Identifier: MIT
//
// Reads many result files as one table: finds them, reads them in order, checks that they name one model.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/downstream/embeddings.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/part_file_names.h"
#include "astrom3/sink/sink.h"
#include "downstream/parts_of_run.h"
#include "downstream/result_file.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = Status::bad_tensors,
                         .file = file.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

void warn(std::vector<Diagnostic>& warnings, const fs::path& file, std::string message) {
  warnings.push_back({.code = Status::bad_tensors, .file = file.string(), .message = std::move(message)});
}

/// The Parquet files below a folder, sorted; names that begin with '.' or '_' are not data. In the folder of
/// a run, the manifest names them.
std::vector<fs::path> parts_of(const fs::path& folder, std::vector<Diagnostic>& warnings) {
  std::map<fs::path, std::vector<fs::path>> tables;  // by folder
  std::set<fs::path> runs;
  try {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      throw_if_stopped();
      const std::string name = entry.path().filename().string();
      if (name == kPartsManifestName) runs.insert(entry.path().parent_path());
      if (entry.path().extension() != ".parquet" || name.front() == '.' || name.front() == '_') continue;
      if (entry.is_regular_file()) tables[entry.path().parent_path()].push_back(entry.path());
    }
  } catch (const fs::filesystem_error& error) {
    fail(error.path1().empty() ? folder : error.path1(),
         "cannot list this folder: " + error.code().message());
  }
  for (const fs::path& run : runs) {
    if (auto named = parts_of_run(run, warnings))
      tables[run] = std::move(*named);
    else if (std::error_code error; !fs::exists(run / kPartsSummaryName, error))
      warn(warnings, run, "this run is not complete");
  }
  std::vector<fs::path> parts;
  for (const auto& [where, files] : tables) parts.insert(parts.end(), files.begin(), files.end());
  std::sort(parts.begin(), parts.end());
  return parts;
}

/// Refuses rows that cannot be compared with the ones before.
void check_same_model(const Identity& first, const std::string& first_file, const Identity& identity,
                      const fs::path& file) {
  const std::string difference = model_difference(identity, first);
  if (difference.empty()) return;
  fail(file, fmt::format("{} in {}: they cannot be compared", difference, first_file),
       "embed all objects with one checkpoint, scaling, form of attention and precision");
}

/// A scaling without the place it was read from, which decides no number.
std::string_view numbers_of(std::string_view key, std::string_view value) {
  const std::size_t at = key == "scaling" ? value.find("; amplitude=") : std::string_view::npos;
  return at == std::string_view::npos ? value : value.substr(at);
}

void check_same_width(std::size_t first, const std::string& first_file, std::size_t width,
                      const fs::path& file) {
  if (width != first)
    fail(file, fmt::format("embeddings of {} numbers, {} has {}", width, first_file, first));
}

void require_there(const fs::path& input) {
  std::error_code error;
  if (!fs::exists(input, error))
    throw Error(Diagnostic{
        .code = Status::no_input, .file = input.string(), .message = "there is no such file or folder"});
}

/// Reads every file of a kind and passes its rows on with its name.
template <typename Take>
Identity read_all(const std::vector<fs::path>& inputs, VectorKind kind, const std::string& id_column,
                  const std::string& list_column, std::vector<Diagnostic>& warnings, const Take& take) {
  Identity first;
  std::string first_file;
  const auto take_file = [&](const fs::path& file, bool is_npy) {
    try {
      ResultRows rows =
          is_npy ? read_npy_folder(file, id_column) : read_result_file(file, kind, id_column, list_column);
      if (identity_value(rows.identity, "model_sha256").empty()) {
        warn(warnings, file, "does not say which model it comes from");
      } else if (first_file.empty()) {
        first = rows.identity;
        first_file = escaped(file.string(), 4096);
      }
      check_same_model(first, first_file, rows.identity, file);
      take(std::move(rows), file);
    } catch (const Error& error) {
      Diagnostic diagnostic = error.diagnostic();
      diagnostic.code = Status::bad_tensors;
      if (diagnostic.file.empty()) diagnostic.file = file.string();
      throw Error(std::move(diagnostic));
    }
  };
  for (const fs::path& input : inputs) {
    std::error_code error;
    require_there(input);
    if (!fs::is_directory(input, error)) {
      take_file(input, false);
    } else if (kind == VectorKind::embedding && fs::exists(input / kMeanName, error)) {
      take_file(input, true);
    } else {
      const std::vector<fs::path> parts = parts_of(input, warnings);
      if (parts.empty()) fail(input, "the folder has neither mean.npy nor any .parquet file");
      for (const fs::path& part : parts) take_file(part, false);
    }
  }
  return first;
}

}  // namespace

bool EmbeddingTable::has_embedding(std::size_t i) const {
  const auto numbers = row(i);
  return std::all_of(numbers.begin(), numbers.end(), [](float value) { return std::isfinite(value); }) &&
         std::any_of(numbers.begin(), numbers.end(), [](float value) { return value != 0; });
}

std::string_view EmbeddingTable::model_sha256() const noexcept {
  return identity_value(identity, "model_sha256");
}

EmbeddingTable read_embeddings(const std::vector<fs::path>& files, const std::string& id_column,
                               const std::string& list_column) {
  EmbeddingTable table;
  table.identity = read_all(
      files, VectorKind::embedding, id_column, list_column, table.warnings,
      [&](ResultRows rows, const fs::path& file) {
        const std::size_t n = rows.object_ids.size();
        if (n > 0 && table.dimension != 0)
          check_same_width(table.dimension, escaped(table.files.front(), 4096), rows.width, file);
        if (n > 0) table.dimension = rows.width;
        table.file_of.resize(table.file_of.size() + n, static_cast<std::uint32_t>(table.files.size()));
        table.files.push_back(file.string());
        std::move(rows.object_ids.begin(), rows.object_ids.end(), std::back_inserter(table.object_ids));
        table.scalars.insert(table.scalars.end(), rows.scalars.begin(), rows.scalars.end());
        table.values.insert(table.values.end(), rows.vectors.begin(), rows.vectors.end());
      });
  if (table.size() == 0) throw Error(Status::bad_tensors, "the embedding files have no rows");
  return table;
}

void check_comparable(const EmbeddingTable& table, const EmbeddingTable& other) {
  const std::string first = escaped(table.files.front(), 4096);
  check_same_model(table.identity, first, other.identity, other.files.front());
  check_same_width(table.dimension, first, other.dimension, other.files.front());
}

ClassTable read_classes(const std::vector<fs::path>& files, const std::string& id_column) {
  ClassTable table;
  table.identity = read_all(
      files, VectorKind::probabilities, id_column, {}, table.warnings,
      [&](ResultRows rows, const fs::path& file) {
        if (!table.class_names.empty() && rows.vector_names != table.class_names)
          fail(file, "its classes are others than those of the files before");
        table.class_names = std::move(rows.vector_names);
        std::move(rows.object_ids.begin(), rows.object_ids.end(), std::back_inserter(table.object_ids));
        table.probabilities.insert(table.probabilities.end(), rows.vectors.begin(), rows.vectors.end());
      });
  return table;
}

std::map<std::string_view, std::size_t> rows_by_id(std::span<const std::string> object_ids) {
  std::map<std::string_view, std::size_t> rows;
  for (std::size_t i = 0; i < object_ids.size(); ++i) rows.emplace(object_ids[i], i);
  return rows;
}

std::string model_difference(const Identity& a, const Identity& b) {
  const std::string_view one = identity_value(a, "model_identity"),
                         other = identity_value(b, "model_identity");
  const bool both_say = !one.empty() && !other.empty();
  if (both_say && one == other) return {};
  for (const char* key : {"model_sha256", "attention", "attention_seed", "attention_key_samples_sha256",
                          "precision", "scaling", "model_config"}) {
    const std::string_view x = numbers_of(key, identity_value(a, key)),
                           y = numbers_of(key, identity_value(b, key));
    if (x != y && !x.empty() && !y.empty())
      return fmt::format("{} is {}, and {}", key, escaped(x, 400), escaped(y, 400));
  }
  return both_say ? fmt::format("model_identity is {}, and {}", escaped(one, 100), escaped(other, 100))
                  : std::string{};
}

std::string_view identity_value(const Identity& identity, std::string_view key) noexcept {
  for (const auto& [name, value] : identity) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace astrom3
