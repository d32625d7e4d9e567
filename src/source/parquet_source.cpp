// SPDX-License-Identifier: MIT
#include "source/parquet_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include "formats/table_header.h"
#include "source/text_source.h"

namespace astrom3 {
namespace {

using Shape = ParquetLeaf::Shape;

constexpr std::size_t kUnused = static_cast<std::size_t>(-1);
constexpr std::size_t kTriple = 3;

std::vector<std::string> names_of(const std::vector<ParquetLeaf>& leaves,
                                  const std::vector<std::size_t>& chosen) {
  std::vector<std::string> names;
  for (const std::size_t i : chosen) names.push_back(leaves[i].name);
  return names;
}

const SurveyFormat* survey_of(const std::vector<std::string>& names, const SourceOptions& options) {
  if (options.format == "csv") return nullptr;
  if (const SurveyFormat* named = find_survey_format(options.format)) return named;
  return recognise_survey(names);
}

/// Whether columns of these names hold light curves.
bool names_light_curves(const std::vector<std::string>& names, const SourceOptions& options) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  return recognise_survey(names) != nullptr || names_a_light_curve(views, options);
}

}  // namespace

/// The cells of one observation: element `element` of row `row`.
struct ParquetSource::Cells {
  const ParquetSource& source;
  std::size_t row;
  std::int64_t element;

  std::size_t index(std::size_t column) const {
    const ColumnCells& cells = source.cells_of_[column];
    const std::int64_t begin = cells.data->begin[row];
    if (source.layout_ == Layout::triples) {
      const std::int64_t offset =
          element * static_cast<std::int64_t>(kTriple) + static_cast<std::int64_t>(column);
      return static_cast<std::size_t>(begin + offset);
    }
    return static_cast<std::size_t>(begin + (cells.is_series ? element : 0));
  }
  bool is_null(std::size_t column) const {
    const LeafData& data = *source.cells_of_[column].data;
    return data.length[row] < 0 || data.valid[index(column)] == 0;
  }

  ParsedNumber number(std::size_t column) const {
    if (is_null(column)) return {.kind = NumberKind::missing};
    const ColumnCells& cells = source.cells_of_[column];
    if (cells.is_text) return parse_number(text(column));
    const double value = cells.data->numbers[index(column)];
    if (std::isfinite(value)) [[likely]]
      return {.kind = NumberKind::number, .value = value};
    // Many writers have no null and say NaN.
    return {.kind = std::isnan(value) ? NumberKind::missing : NumberKind::nonfinite};
  }
  std::string_view text(std::size_t column) const {
    const ColumnCells& cells = source.cells_of_[column];
    if (!cells.is_text || is_null(column)) return {};
    return cells.data->text[index(column)];
  }
  std::optional<std::uint64_t> bits(std::size_t column) const {
    const ColumnCells& cells = source.cells_of_[column];
    if (cells.is_text) return flag_bits(text(column));
    if (is_null(column)) return 0;
    return flag_bits(cells.data->numbers[index(column)]);
  }
  Diagnostic at(std::size_t column, Status code, const std::string& message, Hint hint) const {
    std::string place = fmt::format("row {}", source.rows_before_ + row + 1);
    if (source.layout_ != Layout::rows) place += fmt::format(", element {}", element + 1);
    Diagnostic diagnostic{.code = code,
                          .file = source.file_,
                          .column = source.plan_.names[column],
                          .message = fmt::format("{}: {}", place, message),
                          .hint = hint};
    diagnostic.value = "null";
    if (!is_null(column)) {
      const ColumnCells& cells = source.cells_of_[column];
      diagnostic.value = cells.is_text ? std::string(text(column).substr(0, 80))
                                       : fmt::format("{}", cells.data->numbers[index(column)]);
    }
    return diagnostic;
  }
};

ParquetSource::ParquetSource(std::filesystem::path place, const std::string& file,
                             const SourceOptions& options)
    : place_(std::move(place)),
      file_(file),
      file_id_(object_id_of(file)),
      options_(options),
      intake_(options) {
  std::error_code error;
  size_ = std::filesystem::file_size(place_, error);
  if (error) size_ = 0;
}

TableDescription ParquetSource::describe() const {
  if (layout_ == Layout::rows) return intake_.describe("Parquet, an observation a row");
  return intake_.describe(layout_ == Layout::lists ? "Parquet, an object a row with lists"
                                                   : "Parquet, an object a row with a list of triples");
}

std::uint64_t ParquetSource::bytes_read() const {
  if (reader_ == nullptr || reader_->row_count() == 0) return 0;
  const double done =
      static_cast<double>(rows_before_ + next_row_) / static_cast<double>(reader_->row_count());
  return groups_.handed_out_of(static_cast<std::uint64_t>(done * static_cast<double>(size_)));
}

bool ParquetSource::next(SourceObject& object) {
  for (;;) {
    if (!ready_.empty()) {
      object = std::move(ready_.back());
      ready_.pop_back();
      return true;
    }
    if (auto ready = groups_.pop_ready()) {
      hand_out(*std::move(ready));
      continue;
    }
    if (file_rejection_.has_value()) {
      object = *std::exchange(file_rejection_, std::nullopt);
      return true;
    }
    if (at_end_) return false;
    try {
      if (!is_open_) open();
      if (next_row_ == n_rows_in_batch_ && !read_batch()) {
        groups_.close();
        at_end_ = true;
        continue;
      }
      read_row(next_row_++);
    } catch (const Error& error) {
      fail_file(error.diagnostic());
    }
  }
}

void ParquetSource::open() {
  is_open_ = true;
  reader_ = open_nested_reader(place_);
  if (reader_->row_count() == 0) throw Error(Status::no_rows, "a table without rows");
  choose_table();
  intake_.start(plan_);
  select_columns();
}

/// The lists of a group, and beside them the scalars that no list hides by its name.
std::vector<std::size_t> ParquetSource::table_of(const std::string& group,
                                                 const std::vector<std::size_t>& scalars) const {
  const std::vector<ParquetLeaf>& leaves = reader_->leaves();
  std::vector<std::size_t> table;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].shape == Shape::series && leaves[i].group == group) table.push_back(i);
  }
  const std::vector<std::string> series = names_of(leaves, table);
  for (const std::size_t i : scalars) {
    const bool is_hidden = std::any_of(series.begin(), series.end(), [&](const std::string& name) {
      return folded_name(name) == folded_name(leaves[i].name);
    });
    if (!is_hidden) table.push_back(i);
  }
  return table;
}

/// Finds the columns that hold light curves: the lists of one group beside the scalars, or the
/// scalars alone, or a column of triples.
void ParquetSource::choose_table() {
  const std::vector<ParquetLeaf>& leaves = reader_->leaves();
  std::vector<std::size_t> scalars;
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].shape == Shape::scalar && leaves[i].group.empty()) scalars.push_back(i);
    if (leaves[i].shape == Shape::series &&
        std::find(groups.begin(), groups.end(), leaves[i].group) == groups.end())
      groups.push_back(leaves[i].group);
  }
  if (!options_.nested.empty()) {
    if (std::find(groups.begin(), groups.end(), options_.nested) != groups.end())
      return plan(table_of(options_.nested, scalars), Layout::lists);
    throw Error(Status::missing_column, fmt::format("no list called \"{}\"", escaped(options_.nested)));
  }
  std::vector<std::string> found;
  for (const std::string& group : groups) {
    const std::vector<std::string> names = names_of(leaves, table_of(group, scalars));
    if (names_light_curves(names_of(leaves, table_of(group, {})), options_) ||
        recognise_survey(names) != nullptr)
      found.push_back(group);
  }
  if (found.size() > 1) {
    std::replace(found.begin(), found.end(), std::string(), std::string("(columns)"));
    throw Error(Status::ambiguous_column,
                fmt::format("several lists hold light curves: {}", fmt::join(found, ", ")),
                {"choose one with {}", {{"nested", "NAME"}}});
  }
  if (found.size() == 1) return plan(table_of(found.front(), scalars), Layout::lists);
  if (!names_light_curves(names_of(leaves, scalars), options_)) {
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i].shape == Shape::triples && leaves[i].is_number) return plan_triples(i);
    }
    // Lists without what a light curve needs: let the search for columns say what they lack.
    if (groups.size() == 1) return plan(table_of(groups.front(), scalars), Layout::lists);
  }
  plan(std::move(scalars), Layout::rows);
}

void ParquetSource::plan(std::vector<std::size_t> chosen, Layout layout) {
  layout_ = layout;
  leaf_of_ = std::move(chosen);
  const std::vector<ParquetLeaf>& leaves = reader_->leaves();
  std::vector<std::string> names = names_of(leaves, leaf_of_);
  const SurveyFormat* const survey = survey_of(names, options_);
  plan_ = plan_table(std::move(names), survey, options_);
  if (survey == nullptr) plan_.format = "parquet";
  for (const Measurement& measurement : plan_.measurements) {
    const ColumnMap& columns = measurement.columns;
    for (const auto column : {std::optional(columns.time), std::optional(columns.value), columns.error}) {
      if (!column.has_value()) continue;
      const ParquetLeaf& leaf = leaves[leaf_of_[*column]];
      if (layout == Layout::lists && leaf.shape != Shape::series)
        throw Error(Status::missing_column,
                    fmt::format("{} is one value a row, others are lists", leaf.name));
      if (!leaf.is_number)
        throw Error(Diagnostic{.code = Status::bad_parquet,
                               .column = leaf.name,
                               .message = fmt::format("has type {}, expected numbers", leaf.type),
                               .hint = "times are days, as numbers"});
    }
    if (columns.object_id.has_value() && leaves[leaf_of_[*columns.object_id]].shape != Shape::scalar)
      throw Error(Status::missing_column, "the column of ids is a list",
                  {"one id a row: {}", {{"id-column"}}});
  }
}

void ParquetSource::plan_triples(std::size_t leaf) {
  layout_ = Layout::triples;
  plan_ = plan_table({"time", "flux", "flux_err"}, nullptr, [&] {
    SourceOptions named = options_;
    named.columns.clear();
    named.id_column.clear();
    return named;
  }());
  plan_.format = "parquet";
  leaf_of_ = {leaf, leaf, leaf};
  const std::vector<ParquetLeaf>& leaves = reader_->leaves();
  const std::string wanted = options_.id_column.empty() ? "object_id" : options_.id_column;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].shape != Shape::scalar || folded_name(leaves[i].name) != folded_name(wanted)) continue;
    plan_.names.push_back(leaves[i].name);
    plan_.measurements.front().columns.object_id = leaf_of_.size();
    leaf_of_.push_back(i);
    return;
  }
}

/// Which columns are needed, and of these, which as text.
void ParquetSource::find_needed(std::vector<bool>& is_used, std::vector<bool>& as_text) const {
  const auto use = [&](std::optional<std::size_t> column, bool text) {
    if (!column.has_value()) return;
    is_used[*column] = true;
    as_text[*column] = as_text[*column] || text;
  };
  const auto use_rules = [&](const std::vector<BoundRule>& rules) {
    for (const BoundRule& bound : rules) {
      const DropTest test = bound.rule->test;
      use(bound.column,
          test == DropTest::is_word || test == DropTest::is_no_word || test == DropTest::marked_limit);
    }
  };
  use_rules(plan_.rules);
  use(plan_.zero_point, false);
  for (const Measurement& measurement : plan_.measurements) {
    const ColumnMap& columns = measurement.columns;
    use(columns.time, false);
    use(columns.value, false);
    use(columns.error, false);
    use(columns.band, true);
    use(columns.object_id, true);
    use_rules(measurement.rules);
  }
}

void ParquetSource::select_columns() {
  std::vector<bool> is_used(leaf_of_.size()), as_text(leaf_of_.size());
  find_needed(is_used, as_text);
  std::vector<ParquetNestedReader::Choice> choices;
  std::vector<std::size_t> choice_of(leaf_of_.size(), kUnused);
  for (std::size_t column = 0; column < leaf_of_.size(); ++column) {
    if (!is_used[column]) continue;
    const bool text = as_text[column] || !reader_->leaves()[leaf_of_[column]].is_number;
    const auto same = std::find_if(choices.begin(), choices.end(), [&](const auto& c) {
      return c.leaf == leaf_of_[column] && c.as_text == text;
    });
    choice_of[column] = static_cast<std::size_t>(same - choices.begin());
    if (same == choices.end()) choices.push_back({.leaf = leaf_of_[column], .as_text = text});
  }
  data_.resize(choices.size());
  cells_of_.assign(leaf_of_.size(), {});
  for (std::size_t column = 0; column < leaf_of_.size(); ++column) {
    if (choice_of[column] == kUnused) continue;
    cells_of_[column] = {.data = &data_[choice_of[column]],
                         .is_text = choices[choice_of[column]].as_text,
                         .is_series = reader_->leaves()[leaf_of_[column]].shape == Shape::series};
  }
  reader_->select(std::move(choices));
}

bool ParquetSource::read_batch() {
  rows_before_ += n_rows_in_batch_;
  next_row_ = 0;
  n_rows_in_batch_ = 0;
  n_rows_in_batch_ = reader_->next(data_);
  return n_rows_in_batch_ > 0;
}

std::string_view ParquetSource::id_of(std::size_t row, bool& is_null) const {
  const auto column = plan_.columns().object_id;
  is_null = false;
  if (!column.has_value()) return file_id_;
  const LeafData& data = *cells_of_[*column].data;
  is_null = data.valid[row] == 0;
  return data.text[row];
}

Diagnostic ParquetSource::at_row(std::size_t row, Status code, std::string message) const {
  return {.code = code,
          .file = file_,
          .message = fmt::format("row {}: {}", rows_before_ + row + 1, std::move(message))};
}

void ParquetSource::read_row(std::size_t row) {
  bool is_null = false;
  const std::string_view id = id_of(row, is_null);
  const auto number = static_cast<std::int64_t>(rows_before_ + row + 1);
  if (layout_ == Layout::rows) {
    ObjectBuilder& object = id.empty() ? groups_.without_id(id) : groups_.find_or_add(id, number);
    const std::size_t before = object.memory_bytes();
    if (id.empty())
      object.reject(at_row(row, Status::bad_id, is_null ? "the id is null" : "the id is empty"));
    intake_.take(object, Cells{*this, row, 0});
    groups_.account(before, object.memory_bytes());
    if (plan_.columns().object_id.has_value() && !groups_.is_streaming() &&
        groups_.must_stream(options_.memory_bytes)) {
      groups_.start_streaming();
    }
    return;
  }
  // Without ids the rows of a table have the file's name and their number.
  ObjectBuilder object(plan_.columns().object_id.has_value() ? std::string(id)
                                                             : fmt::format("{}:{}", id, number));
  if (id.empty()) object.reject(at_row(row, Status::bad_id, is_null ? "the id is null" : "the id is empty"));
  read_object(row, object);
  hand_out(std::move(object));
}

void ParquetSource::read_object(std::size_t row, ObjectBuilder& object) {
  if (!have_one_length(row, object)) return;
  const LeafData& times = *cells_of_[plan_.columns().time].data;
  const std::int64_t n =
      layout_ == Layout::triples ? times.length[row] / static_cast<std::int64_t>(kTriple) : times.length[row];
  object.reserve(static_cast<std::size_t>(n));
  for (std::int64_t element = 0; element < n; ++element) intake_.take(object, Cells{*this, row, element});
}

/// All lists of a row must be there and of one length.
bool ParquetSource::have_one_length(std::size_t row, ObjectBuilder& object) const {
  const LeafData& times = *cells_of_[plan_.columns().time].data;
  if (times.length[row] < 0) {
    object.reject(at_row(row, Status::missing_value, "the list is null"));
    return false;
  }
  if (times.length[row] == 0) {
    object.reject(at_row(row, Status::no_points, "the list is empty"));
    return false;
  }
  if (times.ragged[row] != 0) {
    Diagnostic rejection =
        at_row(row, Status::length_mismatch, "a list that does not hold time, flux and error");
    rejection.hint = "tensors that are standardised already (AstroM3Processed) go to astrom3 encode";
    object.reject(std::move(rejection));
    return false;
  }
  for (std::size_t column = 0; column < leaf_of_.size() && layout_ == Layout::lists; ++column) {
    if (cells_of_[column].data == nullptr || !cells_of_[column].is_series) continue;
    const std::int64_t n = cells_of_[column].data->length[row];
    if (n == times.length[row]) continue;
    Diagnostic rejection =
        at_row(row, Status::length_mismatch,
               n < 0 ? "the list is null" : fmt::format("{} values for {} times", n, times.length[row]));
    rejection.column = plan_.names[column];
    object.reject(std::move(rejection));
    return false;
  }
  return true;
}

void ParquetSource::hand_out(ObjectBuilder object) {
  if (object.take_parts(file_, plan_.columns(), ready_)) return;
  ready_.push_back(object.finish(file_, plan_.columns()));
  SourceObject& finished = ready_.back();
  if (finished.n_raw == 0 && !finished.rejection.has_value()) {
    finished.rejection =
        Diagnostic{.code = Status::no_points,
                   .file = file_,
                   .object_id = finished.object_id,
                   .message = fmt::format("no observation in band \"{}\"", escaped(options_.band))};
  }
}

void ParquetSource::fail_file(Diagnostic diagnostic) {
  at_end_ = true;
  diagnostic.file = file_;
  if (layout_ != Layout::rows && rows_before_ + next_row_ > 0)
    diagnostic.message += fmt::format("; rows from {} on were not read", rows_before_ + next_row_ + 1);
  next_row_ = n_rows_in_batch_ = 0;
  if (groups_.close_rejecting(diagnostic) > 0) return;
  diagnostic.object_id = file_id_;
  file_rejection_ = rejected_object(std::move(diagnostic));
}

}  // namespace astrom3
