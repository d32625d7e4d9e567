// SPDX-License-Identifier: MIT
//
// What folders and tables of tensors say of themselves, before their numbers are read.
#include "astrom3/training/training_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <system_error>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/sink/file_names.h"
#include "base/joined.h"
#include "formats/npy.h"
#include "pipeline/tensor_table.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, Status code, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{
      .code = code, .file = file.string(), .message = std::move(message), .hint = std::move(hint)});
}

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error);
}

/// "train" of train-00000-of-00002.parquet and of train/0000.parquet: the tables of one split have it in
/// common.
std::string prefix_of(const fs::path& table) {
  std::string stem = table.stem().string();
  const bool is_number =
      std::all_of(stem.begin(), stem.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (is_number && table.has_parent_path()) return table.parent_path().filename().string();
  const std::size_t of = stem.rfind("-of-");
  if (of == std::string::npos || of == 0) return stem;
  const std::size_t dash = stem.rfind('-', of - 1);
  return dash == std::string::npos ? stem : stem.substr(0, dash);
}

std::optional<Split> split_called(std::string_view prefix) {
  const std::size_t end = std::min(prefix.find_first_of("-_."), prefix.size());
  std::string word(prefix.substr(0, end));
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "train") return Split::train;
  if (word == "validation" || word == "val" || word == "valid" || word == "dev") return Split::validation;
  if (word == "test") return Split::test;
  return std::nullopt;
}

std::string said_of(const TrainingTensors& t) {
  std::vector<std::string> parts;
  if (t.has[index_of(Modality::photo)])
    parts.push_back(t.n_steps == 0 ? "photo" : fmt::format("photo of {} steps", t.n_steps));
  if (t.has[index_of(Modality::spectra)]) parts.push_back(fmt::format("spectra of {} pixels", t.n_pixels));
  if (t.has[index_of(Modality::metadata)])
    parts.push_back(fmt::format("metadata of {} columns", t.n_columns));
  return parts.empty() ? "nothing" : joined(parts, ", ");
}

bool are_alike(const std::optional<Scaling>& a, const std::optional<Scaling>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->none == b->none && a->mean == b->mean && a->std == b->std && a->log10 == b->log10;
}

bool are_alike(const std::optional<MetadataScaling>& a, const std::optional<MetadataScaling>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->described() == b->described();
}

TrainingTensors look_at_folder(const fs::path& folder) {
  TrainingTensors found;
  const auto shape = [&](const char* name, std::size_t n_axes) {
    std::vector<std::size_t> sizes = npy_shape(folder / name);
    if (sizes.size() != n_axes)
      fail(folder / name, Status::bad_tensors,
           fmt::format("is [{}], expected {} sizes", joined(sizes, ", "), n_axes));
    return sizes;
  };
  if (is_there(folder / kTensorName) != is_there(folder / kMaskName))
    fail(folder, Status::bad_tensors, fmt::format("{} and {} go together", kTensorName, kMaskName));
  if (is_there(folder / kTensorName)) found.n_steps = shape(kTensorName, 3)[1];
  if (is_there(folder / kSpectraName)) found.n_pixels = shape(kSpectraName, 3)[2];
  if (is_there(folder / kMetadataName)) found.n_columns = shape(kMetadataName, 2)[1];
  found.has = {found.n_steps > 0, found.n_pixels > 0, found.n_columns > 0};
  const fs::path scaling = folder / kScalingName;
  if (!is_there(scaling)) return found;
  if (found.has[index_of(Modality::photo)]) found.scaling = read_scaling(scaling);
  if (found.has[index_of(Modality::metadata)]) found.metadata_scaling = read_metadata_scaling(scaling);
  return found;
}

/// Tables that lie in `folder` itself, by their names; where there is none, those of its folders that are
/// called as the parts of a split.
std::vector<fs::path> tables_in(const fs::path& folder) {
  std::vector<fs::path> tables, of_parts;
  std::error_code error;
  const auto add = [&](const fs::path& path, std::vector<fs::path>& to) {
    if (path.extension() == ".parquet") to.push_back(path);
  };
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    add(it->path(), tables);
    if (!it->is_directory(error) || !split_called(it->path().filename().string())) continue;
    for (fs::directory_iterator of(it->path(), error), no; !error && of != no; of.increment(error))
      add(of->path(), of_parts);
  }
  if (tables.empty()) tables = std::move(of_parts);
  std::sort(tables.begin(), tables.end());
  if (tables.empty())
    fail(folder, Status::no_input,
         fmt::format("holds neither {} of preprocess nor tables (*.parquet)", kObjectsName),
         "of a dataset of several configurations name the folder of one");
  return tables;
}

class Search {
 public:
  explicit Search(std::string id_column) : id_column_(std::move(id_column)) {}

  void add(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return add_table(path);
    if (is_there(path / kObjectsName)) return add_folder(path);
    for (const fs::path& table : tables_in(path)) add_table(table);
  }

  TrainingTensors take() { return std::move(all_); }

 private:
  void add_folder(const fs::path& folder) {
    merge(look_at_folder(folder), {.path = folder, .is_folder = true, .id_column = {}, .prefix = {}});
  }

  void add_table(const fs::path& file) {
    const std::string prefix = prefix_of(file);
    const std::optional<Split> split = split_called(prefix);
    const TensorTableFacts facts = look_at_table(file, id_column_, split.has_value());
    TrainingTensors found;
    found.has = facts.has;
    found.has_labels = facts.has_labels;
    found.n_pixels = facts.n_pixels;
    found.n_columns = facts.n_columns;
    const std::uint64_t first = rows_of_prefix_[prefix];
    rows_of_prefix_[prefix] += facts.n_rows;
    for (std::uint64_t i = 0; split && i < facts.n_rows; ++i)
      all_.split.insert_or_assign(
          facts.id_column.empty() ? fmt::format("{}/{}", prefix, first + i) : facts.ids[i], *split);
    if (facts.n_rows == 0) return;  // and so without sizes
    merge(std::move(found), {.path = file,
                             .is_folder = false,
                             .id_column = facts.id_column,
                             .prefix = prefix,
                             .first_row = first});
  }

  /// Another source, which must be as those before it.
  void merge(TrainingTensors found, TensorSource source) {
    if (said_of(found) == "nothing")
      fail(source.path, Status::bad_tensors, "holds none of photo, spectra and metadata");
    if (all_.empty()) {
      std::swap(found.split, all_.split);
      all_ = std::move(found);
      all_.sources.push_back(std::move(source));
      return;
    }
    const TensorSource& first = all_.sources.front();
    if (source.is_folder != first.is_folder)
      fail(source.path, Status::bad_tensors,
           fmt::format("folders of arrays and tables are not trained on together: {} is of the other kind",
                       escaped(first.path.string())));
    if (said_of(found) != said_of(all_) || found.has_labels != all_.has_labels)
      fail(source.path, Status::bad_tensors,
           fmt::format("holds {}{}, {} holds {}{}", said_of(found), found.has_labels ? ", labels" : "",
                       escaped(first.path.string()), said_of(all_), all_.has_labels ? ", labels" : ""));
    if (!are_alike(found.scaling, all_.scaling) || !are_alike(found.metadata_scaling, all_.metadata_scaling))
      fail(source.path, Status::bad_scaling,
           fmt::format("is standardised by other numbers than {}", escaped(first.path.string())));
    all_.sources.push_back(std::move(source));
  }

  std::string id_column_;
  TrainingTensors all_;
  std::map<std::string, std::uint64_t> rows_of_prefix_;
};

}  // namespace

TrainingTensors find_training_tensors(const std::vector<fs::path>& paths, const std::string& id_column) {
  Search search(id_column);
  for (const fs::path& path : paths) search.add(path);
  TrainingTensors found = search.take();
  if (found.empty() && !paths.empty()) fail(paths.front(), Status::no_input, "holds no object");
  return found;
}

}  // namespace astrom3
