// SPDX-License-Identifier: MIT
#include "astrom3/source/table_source.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/source/light_curve_table.h"
#include "astrom3/source/source.h"

namespace astrom3 {
namespace {

class TableSource final : public Source {
 public:
  TableSource(std::vector<const LightCurveTable*> tables, std::vector<std::string> object_ids)
      : tables_(std::move(tables)), object_ids_(std::move(object_ids)) {}

  bool next(SourceObject& object) override {
    throw_if_stopped();
    while (table_ < tables_.size() && row_ == tables_[table_]->size()) {
      first_ += row_;
      row_ = 0;
      ++table_;
    }
    if (table_ == tables_.size()) return false;
    const LightCurveTable& table = *tables_[table_];
    table.read(row_, object);
    const std::size_t number = first_ + row_;
    object.object_id = number < object_ids_.size() ? object_ids_[number] : table.object_id(row_, first_);
    ++row_;
    return true;
  }

  std::vector<Diagnostic> take_warnings() override { return {}; }
  SourcePosition position() const override { return {.file = 0, .object = first_ + row_}; }
  TableDescription describe() const override {
    return tables_.empty() ? TableDescription{} : tables_[std::min(table_, tables_.size() - 1)]->describe();
  }
  std::uint64_t bytes_read() const override { return 0; }
  std::uint64_t bytes_total() const override { return 0; }

 private:
  std::vector<const LightCurveTable*> tables_;
  std::vector<std::string> object_ids_;
  std::size_t table_ = 0, row_ = 0;  ///< of the next light curve
  std::size_t first_ = 0;            ///< the number of the table's first one
};

}  // namespace

std::unique_ptr<Source> source_of(std::vector<const LightCurveTable*> tables,
                                  std::vector<std::string> object_ids) {
  return std::make_unique<TableSource>(std::move(tables), std::move(object_ids));
}

}  // namespace astrom3
