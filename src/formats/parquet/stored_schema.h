// SPDX-License-Identifier: MIT
//
// The Arrow schema that writers store beside a Parquet table: what it says of columns that Parquet's own
// schema does not.
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

/// Of a column, or of what it is made of.
struct StoredField {
  std::string name;
  std::string unit;  ///< its metadata's "unit" or "units", in any case; "" where there is none
  std::optional<int> duration_unit{};  ///< of durations: an arrow::TimeUnit
  std::vector<StoredField> children{};
};

/// The fields of a stored schema. Arrow is not asked, since what it cannot make of a schema that somebody
/// else's program wrote ends the process, or costs the whole file. Throws Error bad_parquet where the schema
/// is damaged.
std::vector<StoredField> read_stored_schema(std::string_view base64);

/// `field`, which Parquet's own schema gives, with the unit in its metadata (as "unit") and with durations,
/// which Parquet has as integers, as such. A `stored` that is of another shape or name says nothing.
std::shared_ptr<arrow::Field> with_stored_notes(const std::shared_ptr<arrow::Field>& field,
                                                const StoredField& stored);

/// The unit that with_stored_notes() left; "" where there is none.
std::string unit_of(const arrow::Field& field);

}  // namespace astrom3
