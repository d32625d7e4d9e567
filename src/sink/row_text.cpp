// SPDX-License-Identifier: MIT
#include "sink/row_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/features/features.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/scaling.h"
#include "astrom3/sink/sink.h"
#include "astrom3/tensor.h"
#include "sink/output_text.h"

namespace astrom3 {
namespace {

constexpr std::string_view kCommonColumns =
    "object_id,status,flags,n_raw,n_used,amplitude,period,lksl_statistic,rfr_score,log10_mad,delta_t,"
    "feature_sources";

void require_size(const char* what, std::size_t size, std::size_t expected, const Row& row) {
  if (size == expected) return;
  throw Error(Diagnostic{
      .code = Status::internal,
      .object_id = row.object_id,
      .message = fmt::format("{} has {} values, the output's layout says {}", what, size, expected)});
}

}  // namespace

std::string feature_sources_text(const Row& row) {
  std::string out;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if (i > 0) out += ';';
    out += feature_name(static_cast<Feature>(i));
    out += '=';
    out += feature_source_name(row.feature_sources[i]);
  }
  return out;
}

std::vector<std::string> period_search_columns(const RowLayout& layout) {
  if (!layout.period_search) return {};
  std::vector<std::string> names{"period_err", "period_power", "false_alarm_probability",
                                 "period_probability"};
  for (std::size_t i = 1; i <= layout.n_alternates; ++i) {
    names.push_back(fmt::format("alternate_period_{}", i));
    names.push_back(fmt::format("alternate_log_odds_{}", i));
  }
  return names;
}

std::vector<std::optional<double>> period_search_cells(const Row& row, const RowLayout& layout) {
  std::vector<std::optional<double>> cells;
  if (row.status == Status::ok && row.period_search != nullptr) {
    const PeriodResult& found = *row.period_search;
    cells = {found.period_err, found.power, found.false_alarm_probability, found.period_probability};
    for (const PeriodCandidate& alternate : found.alternates) {
      cells.push_back(alternate.period);
      cells.push_back(alternate.log_evidence - found.log_evidence);
    }
  }
  cells.resize(layout.period_search ? 4 + 2 * layout.n_alternates : 0);
  return cells;
}

std::string csv_header(const RowLayout& layout) {
  std::string out(kCommonColumns);
  for (const std::string& name : period_search_columns(layout)) out += ',' + name;
  if (!layout.class_names.empty()) out += ",class";
  for (const std::string& name : layout.class_names) append_csv_field(out += ',', "p_" + name);
  if (layout.out_of_class) out += ",out_of_class";
  for (std::size_t i = 0; i < layout.embedding_size; ++i) out += fmt::format(",e{}", i);
  out += '\n';
  return out;
}

const std::string& likeliest_class(const Row& row, const RowLayout& layout) {
  const auto top = std::max_element(row.probabilities.begin(), row.probabilities.end());
  return layout.class_names.at(static_cast<std::size_t>(top - row.probabilities.begin()));
}

void append_csv_row(std::string& out, const Row& row, const RowLayout& layout) {
  const std::size_t n_classes = layout.class_names.size();
  append_csv_field(out, row.object_id);
  out += ',';
  out += status_name(row.status);
  out += ',';
  out += to_string(row.flags);
  out += ',';
  append_number(out, row.n_raw);
  out += ',';
  append_number(out, row.n_used);
  if (row.status != Status::ok) {
    const std::size_t n_period_cells = period_search_columns(layout).size();
    // features, log10_mad, delta_t, feature_sources, the period search, class and what belongs to it
    const std::size_t n_class_cells = (n_classes > 0 ? n_classes + 1 : 0) + (layout.out_of_class ? 1 : 0);
    out.append(kFeatureCount + 3 + n_period_cells + n_class_cells + layout.embedding_size, ',');
    out += '\n';
    return;
  }
  for (const double value : row.features) append_number(out += ',', value);
  append_number(out += ',', row.log10_mad);
  append_number(out += ',', row.delta_t);
  out += ',';
  out += feature_sources_text(row);
  for (const std::optional<double>& value : period_search_cells(row, layout)) {
    out += ',';
    if (value) append_number(out, *value);
  }
  if (n_classes > 0) append_csv_field(out += ',', likeliest_class(row, layout));
  for (const float value : row.probabilities.first(n_classes)) append_number(out += ',', value);
  if (layout.out_of_class) append_number(out += ',', row.out_of_class);
  for (const float value : row.embedding.first(layout.embedding_size)) append_number(out += ',', value);
  out += '\n';
}

void require_layout(const Row& row, const RowLayout& layout) {
  if (row.status != Status::ok) return;
  if (!layout.class_names.empty())
    require_size("the probabilities", row.probabilities.size(), layout.class_names.size(), row);
  if (layout.embedding_size > 0)
    require_size("the embedding", row.embedding.size(), layout.embedding_size, row);
  if (layout.sequence_steps > 0) {
    require_size("the sequence", row.sequence.size(), layout.sequence_steps * layout.sequence_width, row);
  }
  if (layout.tensor_steps > 0) {
    require_size("x_enc", row.x_enc.size(), layout.tensor_steps * kChannels, row);
    require_size("the mask", row.mask.size(), layout.tensor_steps, row);
  }
}

}  // namespace astrom3
