// SPDX-License-Identifier: MIT
//
// Objects for the studies: from light curves, or from tensors that are preprocessed already.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/classes/labels.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/catalog.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/source/source.h"
#include "astrom3/study/study.h"
#include "astrom3/tensor.h"
#include "base/ordered_workers.h"
#include "base/threads.h"
#include "formats/parquet.h"
#include "pipeline/whole_rows.h"

namespace astrom3 {
namespace {

constexpr std::size_t kReported = 10;

/// Takes objects until there are enough of each class and in all.
class Collector {
 public:
  Collector(StudySet& set, const StudyReading& reading) : set_(set), reading_(reading) {}

  bool is_full() const { return reading_.limit > 0 && set_.objects.size() >= reading_.limit; }
  /// Whether an object of this class is still wanted; one without a class always is.
  bool wants(const std::string& label) {
    if (is_full()) return false;
    return label.empty() || reading_.per_class == 0 || counts_[label] < reading_.per_class;
  }
  void add(StudyObject object, const std::string& label) {
    if (!wants(label)) return;
    ++counts_[label];
    set_.objects.push_back(std::move(object));
  }
  void leave_out(Diagnostic diagnostic) {
    ++set_.n_left_out;
    if (set_.left_out.size() < kReported) set_.left_out.push_back(std::move(diagnostic));
  }

 private:
  StudySet& set_;
  const StudyReading& reading_;
  std::map<std::string, std::size_t> counts_;
};

/// The checkpoint's classes where all labels are among them, else the labels in alphabetical order; none
/// without labels.
std::vector<std::string> names_for(const Labels& labels, const EncoderConfig& config) {
  if (labels.empty()) return {};
  std::vector<std::string> names = class_names(config);
  const bool are_known = std::all_of(labels.begin(), labels.end(), [&](const auto& entry) {
    return std::find(names.begin(), names.end(), entry.second) != names.end();
  });
  if (are_known) return names;
  std::set<std::string> seen;
  for (const auto& [id, label] : labels) seen.insert(label);
  return {seen.begin(), seen.end()};
}

/// One light curve on its way through the stages.
struct Curve {
  SourceObject source;
  std::string label;
  StudyObject object;
  std::optional<Diagnostic> rejection;
};

void prepare(Curve& curve, const Catalog* catalog, const ObjectOptions& options) {
  WholeRows whole;
  curve.rejection = make_whole_rows(curve.source, catalog, options, options.scaling, whole);
  curve.object = {.object_id = curve.source.object_id, .label = -1, .rows = std::move(whole.rows)};
}

/// Why a row of the table cannot be used; empty where it can.
std::string problem_of(const std::vector<float>& rows) {
  if (rows.empty()) return "photometry is null, empty, or not rows of nine numbers";
  constexpr auto width = static_cast<std::ptrdiff_t>(kChannels);
  const auto bad = std::find_if(rows.begin(), rows.end(), [](float v) { return !std::isfinite(v); });
  return bad == rows.end() ? std::string{}
                           : fmt::format("photometry[{}][{}] is {}", (bad - rows.begin()) / width,
                                         (bad - rows.begin()) % width, *bad);
}

void read_tensor_file(const std::filesystem::path& file, StudySet& set, Collector& collector) {
  const std::unique_ptr<ParquetReader> reader = open_parquet_reader(file);
  const auto& columns = reader->columns();
  const bool labelled =
      std::any_of(columns.begin(), columns.end(), [](const auto& c) { return c.name == "label"; });
  std::vector<ColumnSpec> wanted{{.name = "photometry", .type = CellType::rows, .width = kChannels}};
  if (labelled) wanted.push_back({.name = "label", .type = CellType::integer});
  reader->select(std::move(wanted));
  std::vector<ColumnData> cells;
  std::uint64_t row = 0;
  while (const std::size_t n = reader->next(cells)) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < n && !collector.is_full(); ++i) {
      const std::size_t end = begin + cells[0].counts[i] * kChannels;
      StudyObject object{
          .object_id = fmt::format("{}:{}", file.filename().string(), ++row), .label = -1, .rows = {}};
      object.rows.assign(cells[0].floats.begin() + static_cast<std::ptrdiff_t>(begin),
                         cells[0].floats.begin() + static_cast<std::ptrdiff_t>(end));
      begin = end;
      std::string problem = problem_of(object.rows);
      if (labelled && cells[1].valid[i] != 0) {
        object.label = cells[1].integers[i];
        if (object.label < 0 || object.label >= static_cast<std::int64_t>(set.class_names.size()))
          problem = fmt::format("label {} is not one of {} classes", object.label, set.class_names.size());
      }
      if (!problem.empty()) {
        collector.leave_out({.code = Status::bad_parquet,
                             .file = file.string(),
                             .object_id = object.object_id,
                             .message = problem});
        continue;
      }
      const std::string label =
          object.label < 0 ? std::string{} : set.class_names[static_cast<std::size_t>(object.label)];
      collector.add(std::move(object), label);
    }
  }
}

}  // namespace

bool are_study_tensors(const std::vector<std::filesystem::path>& files) {
  for (const auto& file : files) {
    if (file.extension() != ".parquet") continue;
    try {
      const auto reader = open_parquet_reader(file);
      return std::any_of(reader->columns().begin(), reader->columns().end(),
                         [](const ParquetColumnInfo& column) { return column.name == "photometry"; });
    } catch (const Error&) {
      continue;  // whoever reads it says what is wrong with it
    }
  }
  return false;
}

StudySet read_study_tensors(const std::vector<std::filesystem::path>& files, const EncoderConfig& config,
                            const Scaling& scaling, const StudyReading& reading) {
  StudySet set{
      .objects = {}, .class_names = class_names(config), .scaling = scaling, .n_left_out = 0, .left_out = {}};
  Collector collector(set, reading);
  for (const auto& file : files) {
    try {
      if (!collector.is_full()) read_tensor_file(file, set, collector);
    } catch (const Error& error) {
      collector.leave_out(error.diagnostic());
    }
  }
  return set;
}

StudySet read_study_light_curves(Source& source, const Catalog* catalog, const Labels& labels,
                                 const EncoderConfig& config, const ObjectOptions& options,
                                 const StudyReading& reading, std::size_t n_threads) {
  StudySet set{.objects = {},
               .class_names = names_for(labels, config),
               .scaling = options.scaling,
               .n_left_out = 0,
               .left_out = {}};
  Collector collector(set, reading);
  OrderedWorkers<Curve> workers(
      resolve_threads(n_threads), [&](Curve& curve) { prepare(curve, catalog, options); },
      [&](const Curve& curve) {
        if (!collector.wants(curve.label)) return;
        if (curve.rejection) return collector.leave_out(*curve.rejection);
        StudyObject object = curve.object;
        if (!curve.label.empty()) {
          object.label = std::find(set.class_names.begin(), set.class_names.end(), curve.label) -
                         set.class_names.begin();
        }
        collector.add(std::move(object), curve.label);
      });
  workers.run([&](Curve& curve) {
    while (!collector.is_full() && source.next(curve.source)) {
      const auto label = labels.find(curve.source.object_id);
      curve.label = label == labels.end() ? std::string{} : label->second;
      if (collector.wants(curve.label)) return true;
    }
    return false;
  });
  return set;
}

}  // namespace astrom3
