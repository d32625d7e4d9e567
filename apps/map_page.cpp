// SPDX-License-Identifier: MIT
#include "map_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/downstream/embeddings.h"
#include "formats/json_writer.h"
#include "map_curves.h"
#include "shown_magnitudes.h"

namespace astrom3::cli {

extern const std::string_view kMapPageText;  // made by apps/CMakeLists.txt

namespace {

constexpr std::string_view kDataPlace = "/*DATA*/";

struct ScalarWords {
  const char *label, *unit;
  int digits;
};
constexpr std::array<ScalarWords, kScalarNames.size()> kScalarWords{{{"amplitude", "mag", 3},
                                                                     {"period", "d", 8},
                                                                     {"string length", "", 3},
                                                                     {"rfr_score", "", 3},
                                                                     {"log10 MAD", "", 3},
                                                                     {"time span", "yr", 3}}};

/// "<" and "&" only as escapes: neither </script> nor <!-- can come out of an id.
std::string script_string(std::string_view text) {
  std::string out;
  for (const char c : json_quoted(text)) {
    if (c == '<' || c == '>' || c == '&')
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out;
}

std::string number(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}g}", value, digits) : "null";
}

/// "[a,b,...]" of what `write(i)` gives.
template <typename Write>
std::string list(std::size_t n, const Write& write) {
  std::string out = "[";
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) out += ',';
    out += write(i);
  }
  return out + "]";
}

std::string string_list(const std::vector<std::string>& words) {
  return list(words.size(), [&](std::size_t i) { return script_string(words[i]); });
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t triple = 0;
    for (std::size_t j = 0; j < 3; ++j)
      triple = triple << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= bytes.size() - i ? kLetters[triple >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

/// The kinds of magnitudes that the curves have, each once.
std::vector<ShownMagnitudes> kinds_of_magnitudes(const MapCurves& curves) {
  std::vector<ShownMagnitudes> kinds;
  for (const auto& curve : curves.of) {
    if (curve && std::find(kinds.begin(), kinds.end(), curve->shown) == kinds.end())
      kinds.push_back(curve->shown);
  }
  return kinds;
}

std::string curve_json(const std::optional<PackedCurve>& curve, const std::vector<ShownMagnitudes>& kinds) {
  if (!curve) return "null";
  return fmt::format(
      R"({{"n":{},"time":[{},{}],"flux":[{},{}],"error":{},"mag":{},"data":"{}"}})", curve->n_observations,
      number(curve->time_start, 14), number(curve->time_span, 14), number(curve->flux_low, 7),
      number(curve->flux_range, 7), number(curve->largest_error, 7),
      std::find(kinds.begin(), kinds.end(), curve->shown) - kinds.begin(), base64(curve->bytes));
}

std::string curves_json(const MapCurves& curves) {
  const std::vector<ShownMagnitudes> kinds = kinds_of_magnitudes(curves);
  const std::string magnitudes = list(kinds.size(), [&](std::size_t i) {
    return fmt::format(R"({{"zero":{},"label":{},"system":{}}})", number(kinds[i].zero, 9),
                       script_string(kinds[i].label), script_string(kinds[i].system));
  });
  return fmt::format("\"magnitudes\":{},\n\"curves\":{}", magnitudes,
                     list(curves.of.size(), [&](std::size_t i) { return curve_json(curves.of[i], kinds); }));
}

std::string layout_json(const MapPage& page, const MapLayout& layout) {
  const std::string kept = fmt::format(
      "Of the {} nearest neighbours of an object, {:.0f} % are among its {} "
      "nearest on this map.",
      page.k, 100 * layout.kept, page.k);
  return fmt::format(R"({{"name":{},"title":{},"kept":{},"points":{}}})", script_string(layout.name),
                     script_string(layout.title), script_string(kept),
                     list(layout.points.size(), [&](std::size_t i) { return number(layout.points[i], 6); }));
}

std::string scalars_json(const MapPage& page) {
  std::string names, values;
  for (std::size_t s = 0; s < kScalarNames.size(); ++s) {
    const auto [label, unit, digits] = kScalarWords[s];
    const char* comma = s == 0 ? "" : ",";
    names += fmt::format(R"({}{{"name":"{}","label":"{}","unit":"{}","digits":{}}})", comma, kScalarNames[s],
                         label, unit, digits);
    values +=
        fmt::format("{}\"{}\":{}", comma, kScalarNames[s], list(page.scalars.size(), [&](std::size_t i) {
                      return number(page.scalars[i][s], kScalarNames[s] == "period" ? 10 : 5);
                    }));
  }
  return fmt::format("\"scalar_names\":[{}],\n\"scalars\":{{{}}}", names, values);
}

}  // namespace

std::string html_of(const MapPage& page) {
  std::string data =
      fmt::format("{{\"dimension\":{},\"k\":{},\"has_curves\":{},\n\"ids\":{},\n", page.dimension, page.k,
                  !page.curves.of.empty(), string_list(page.object_ids));
  data += fmt::format("\"classes\":{},\n\"class_of\":{},\n", string_list(page.classes.names),
                      list(page.classes.codes.size(),
                           [&](std::size_t i) { return fmt::format("{}", page.classes.codes[i]); }));
  data += scalars_json(page) + ",\n\"layouts\":" + list(page.layouts.size(), [&](std::size_t i) {
            return layout_json(page, page.layouts[i]);
          });
  data += ",\n\"neighbours\":" +
          list(page.neighbours.size(), [&](std::size_t i) { return fmt::format("{}", page.neighbours[i]); });
  data += ",\n\"similarity\":" + list(page.similarity.size(), [&](std::size_t i) {
            return std::isfinite(page.similarity[i]) ? fmt::format("{:.5f}", page.similarity[i]) : "null";
          });
  data += ",\n" + curves_json(page.curves);
  data += fmt::format(",\n\"origin\":{},\n\"notes\":{},\n\"facts\":{}}}", script_string(page.origin),
                      string_list(page.notes), list(page.facts.size(), [&](std::size_t i) {
                        return fmt::format("[{},{}]", script_string(page.facts[i].first),
                                           script_string(page.facts[i].second));
                      }));
  const std::size_t place = kMapPageText.find(kDataPlace);
  std::string html(kMapPageText.substr(0, place));
  return html.append(data).append(kMapPageText.substr(place + kDataPlace.size()));
}

}  // namespace astrom3::cli
