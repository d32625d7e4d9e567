// SPDX-License-Identifier: MIT
#include "source/foreign_format.h"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "formats/table_header.h"

namespace astrom3 {
namespace {

constexpr std::size_t kLook = 4096;

struct Tag {
  std::string_view text;  // in lower case
  ForeignFormat format;
};

/// Of texts that begin with `<`.
constexpr std::array kTags{
    Tag{"<votable",
        {"a VOTable",
         "download it as CSV, or convert it: python3 -c \"from astropy.table import Table; "
         "Table.read('FILE', format='votable').write('FILE.csv')\""}},
    Tag{"<vosource",
        {"a VOSource of dotAstro",
         "write what its <TR> hold into a CSV with the columns time, mag, mag_err and band"}},
    Tag{"<html", {"a web page", "was the download refused?"}}};

/// Of other texts.
constexpr std::array kMarks{Tag{"byte-by-byte description of file",
                                {"a machine-readable table of the AAS or the CDS",
                                 "convert it: python3 -c \"from astropy.table import Table; "
                                 "Table.read('FILE', format='ascii.mrt').write('FILE.csv')\""}},
                            Tag{"\\begin{",
                                {"a table of LaTeX",
                                 "convert it: python3 -c \"from astropy.table import Table; "
                                 "Table.read('FILE', format='ascii.latex').write('FILE.csv')\""}}};

std::optional<ForeignFormat> found_in(std::string_view head, std::span<const Tag> tags) {
  const std::string folded = folded_name(head);
  for (const Tag& tag : tags) {
    if (folded.find(tag.text) != std::string::npos) return tag.format;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ForeignFormat> foreign_format(std::string_view head) {
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return std::nullopt;
  head = head.substr(first, kLook);
  if (head.front() == '<') {
    if (const auto format = found_in(head, kTags)) return format;
    if (folded_name(head).starts_with("<?xml"))
      return ForeignFormat{"XML", "convert it to CSV, Parquet or FITS"};
    return std::nullopt;
  }
  const std::size_t second = head.find_first_not_of(" \t\r\n", 1);
  const char next = second == std::string_view::npos ? '\0' : head[second];
  const bool is_object = head.front() == '{' && (next == '"' || next == '}');
  const bool is_list = head.front() == '[' && (next == '{' || next == '[' || next == ']');
  // An object a line: the first line is complete.
  const std::string_view line = head.substr(0, head.find_first_of("\r\n"));
  if (is_object && line.size() < head.size() && line.ends_with('}'))
    return ForeignFormat{
        "JSON lines",
        "convert it: python3 -c \"import pandas; pandas.read_json('FILE', lines=True).to_csv('FILE.csv')\""};
  if (is_object || is_list)
    return ForeignFormat{
        "JSON", "convert it: python3 -c \"import pandas; pandas.read_json('FILE').to_csv('FILE.csv')\""};
  return found_in(head, kMarks);
}

}  // namespace astrom3
