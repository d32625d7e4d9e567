// SPDX-License-Identifier: MIT
#include "batch/table_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "source/photometry.h"

namespace astrom3 {
namespace {

bool is_whole(const Leaf& leaf) {
  return !leaf.is_text() && leaf.dictionary == nullptr && leaf.type < NumberType::float16;
}

[[noreturn]] void fail(const std::string& column, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{
      .code = Status::usage, .column = column, .message = std::move(message), .hint = std::move(hint)});
}

}  // namespace

bool BoundCondition::holds(std::int64_t i) const noexcept {
  const Leaf& leaf = column.leaf;
  if (!leaf.is_valid(i)) return false;
  if (leaf.is_text()) {
    const std::string_view text = leaf.text_of(i);
    return std::find(condition.texts.begin(), condition.texts.end(), text) != condition.texts.end();
  }
  double number = 0;
  if (leaf.dictionary == nullptr) {
    number = leaf.number(i);
  } else {
    const std::int64_t index = leaf.whole_number(i);
    if (index < 0 || index >= leaf.dictionary->length || !leaf.dictionary->is_valid(index)) return false;
    number = leaf.dictionary->number(index);
  }
  return std::find(condition.numbers.begin(), condition.numbers.end(), number) != condition.numbers.end();
}

RaggedColumn LightCurveTable::State::numbers(RaggedColumn column) {
  if (column.leaf.is_text() || column.leaf.dictionary != nullptr) {
    fail(column.leaf.name, "expected numbers, found texts");
  }
  return column;
}

BoundCondition LightCurveTable::State::checked(const Condition& condition, RaggedColumn column) {
  const bool wants_text = !condition.texts.empty();
  if (wants_text != column.leaf.is_text()) {
    fail(condition.column,
         fmt::format("holds {}, but the condition asks for {}", column.leaf.is_text() ? "texts" : "numbers",
                     wants_text ? "a text" : "a number"));
  }
  return {condition, std::move(column)};
}

void LightCurveTable::State::bind_band() {
  const bool selects = band.has_value() && !options.band.empty();
  if (band.has_value() && !band->leaf.is_text() && !is_whole(band->leaf)) {
    fail(options.band_column, "a band is a text or a whole number");
  }
  if (selects) {
    Condition condition{.column = options.band_column, .numbers = {}, .texts = {}};
    if (band->leaf.is_text()) {
      condition.texts.push_back(options.band);
    } else {
      std::int64_t number = 0;
      const char* const end = options.band.data() + options.band.size();
      const auto [stop, problem] = std::from_chars(options.band.data(), end, number);
      if (problem != std::errc{} || stop != end) {
        fail(options.band_column,
             fmt::format("holds numbers, but the band is \"{}\"", escaped(options.band)));
      }
      condition.numbers.push_back(static_cast<double>(number));
    }
    where.push_back({std::move(condition), *band});
    band.reset();  // what is left is of one band
  }
  if (options.is_magnitude && !options.zero_point_jy.has_value() && !band.has_value() &&
      !default_zero_point_jy(options.band).has_value()) {
    fail(options.value,
         options.band.empty()
             ? std::string("magnitudes need a zero point, and no band says which")
             : fmt::format("the zero point of band \"{}\" is not known", escaped(options.band)),
         "give the flux density of magnitude 0 in Jy as the zero point, or a known band");
  }
}

}  // namespace astrom3
