// SPDX-License-Identifier: MIT
//
// FITS files from their parts, for tests: right ones, and ones wrong in a single place.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace astrom3 {

/// Text padded with blanks, or data with zeros, to whole blocks.
inline std::string padded(std::string bytes, char with) {
  bytes.resize((bytes.size() + 2879) / 2880 * 2880, with);
  return bytes;
}

using FitsCards = std::vector<std::pair<std::string, std::string>>;

/// A header; values as they stand behind "= ", strings with their quotes.
inline std::string fits_header(const FitsCards& cards) {
  std::string text;
  for (const auto& [keyword, value] : cards) {
    std::string card = keyword;
    card.resize(8, ' ');
    card += "= " + value;
    card.resize(80, ' ');
    text += card;
  }
  std::string end = "END";
  end.resize(80, ' ');
  return padded(text + end, ' ');
}

inline std::string fits_primary() {
  return fits_header({{"SIMPLE", "T"}, {"BITPIX", "8"}, {"NAXIS", "0"}, {"EXTEND", "T"}});
}

template <typename T>
std::string big_endian_bytes(T value) {
  std::string bytes(sizeof value, '\0');
  std::copy_n(reinterpret_cast<const char*>(&value), sizeof value, bytes.begin());
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

struct FitsColumnText {
  std::string name, format;
  FitsCards more{};  ///< e.g. {"TNULL", "-1"}: the column's number is added
};

inline FitsCards table_cards(const std::vector<FitsColumnText>& columns, std::size_t row_bytes,
                             std::size_t n_rows) {
  FitsCards cards{{"XTENSION", "'BINTABLE'"},
                  {"BITPIX", "8"},
                  {"NAXIS", "2"},
                  {"NAXIS1", std::to_string(row_bytes)},
                  {"NAXIS2", std::to_string(n_rows)},
                  {"PCOUNT", "0"},
                  {"GCOUNT", "1"},
                  {"TFIELDS", std::to_string(columns.size())}};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    cards.emplace_back("TTYPE" + number, "'" + columns[i].name + "'");
    cards.emplace_back("TFORM" + number, "'" + columns[i].format + "'");
    for (const auto& [keyword, value] : columns[i].more) cards.emplace_back(keyword + number, value);
  }
  return cards;
}

}  // namespace astrom3
