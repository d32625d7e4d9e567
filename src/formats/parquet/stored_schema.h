// SPDX-License-Identifier: MIT
//
// The Arrow schema that writers store beside a Parquet table: its facts about columns that Parquet's own
// schema does not have.
#pragma once

// Source  https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
//         https://github.com/apache/arrow/blob/main/format/Schema.fbs

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arrow {
class Field;
}  // namespace arrow

namespace astrom3 {

/// The notes on a column, or on its parts.
struct StoredField {
  std::string name;
  std::string unit;  ///< its metadata's "unit" or "units", in any case; "" where there is none
  std::optional<int> duration_unit{};  ///< of durations: an arrow::TimeUnit
  std::vector<StoredField> children{};
};

/// The fields of a stored schema. Arrow does not read it, since an unknown schema of another program makes
/// Arrow end the process, or refuse the whole file. Throws Error bad_parquet if the schema is
/// damaged.
std::vector<StoredField> read_stored_schema(std::string_view base64);

/// `field`, which Parquet's own schema gives, with the unit in its metadata (as "unit") and with durations,
/// which are integers in Parquet, as durations. A `stored` of another shape or name is ignored.
std::shared_ptr<arrow::Field> with_stored_notes(const std::shared_ptr<arrow::Field>& field,
                                                const StoredField& stored);

/// The unit that with_stored_notes() noted; "" if there is none.
std::string unit_of(const arrow::Field& field);

}  // namespace astrom3
