// SPDX-License-Identifier: MIT
#include "source/in_memory/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/light_curve_table.h"
#include "base/joined.h"
#include "base/number.h"
#include "source/in_memory/leaf.h"

namespace astrom3 {

Error no_such_condition(const std::string& column, std::span<const std::string> names) {
  std::vector<std::string> listed;
  for (const std::string& name : names) listed.push_back(escaped(name));
  return Error(Status::usage, fmt::format("where: there is no column \"{}\" among {}", escaped(column),
                                          joined(listed, ", ")));
}

void check_condition(const Condition& condition, const Leaf& leaf) {
  const bool wants_text = !condition.texts.empty();
  if (wants_text == leaf.is_text()) return;
  throw Error(Diagnostic{
      .code = Status::usage,
      .column = condition.column,
      .message = fmt::format("holds {}, but the condition asks for {}", leaf.is_text() ? "texts" : "numbers",
                             wants_text ? "a text" : "a number")});
}

bool fulfils(const Leaf& leaf, std::int64_t i, const Condition& condition) {
  if (leaf.is_text()) {
    std::string buffer;
    return leaf.is_present(i) && std::find(condition.texts.begin(), condition.texts.end(),
                                           leaf.text_of(i, buffer)) != condition.texts.end();
  }
  const ParsedNumber number = leaf.number(i);
  return number.kind == NumberKind::number && std::find(condition.numbers.begin(), condition.numbers.end(),
                                                        number.value) != condition.numbers.end();
}

}  // namespace astrom3
