// SPDX-License-Identifier: MIT
#include "source/units.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "astrom3/source/source.h"
#include "base/double_from_chars.h"
#include "base/number.h"
#include "formats/table_header.h"

namespace astrom3 {
namespace {

struct NamedUnit {
  std::string_view name;  // in lower case, without blanks
  UnitKind kind;
  double scale;
};

constexpr double kMaggyMjy = 3631e3;
constexpr double kCgsMjy = 1e26;  // erg / (s cm2 Hz)
constexpr double kSiMjy = 1e29;   // W / (m2 Hz)
// Days.
constexpr double kHour = 1.0 / 24, kMinute = 1.0 / 1440, kSecond = 1.0 / 86400,
                 kYear = 365.25;  // a Julian year

/// `known` in the order of its keys, so that one is found without looking at all: every name of a column is
/// asked whether it holds a unit.
template <class Entry, std::size_t N>
constexpr std::array<Entry, N> by_name(std::array<Entry, N> known) {
  std::sort(known.begin(), known.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return known;
}

template <class Entry, std::size_t N>
const Entry* find_name(const std::array<Entry, N>& known, std::string_view name) {
  const auto found = std::lower_bound(known.begin(), known.end(), name,
                                      [](const Entry& a, std::string_view b) { return a.name < b; });
  return found != known.end() && found->name == name ? &*found : nullptr;
}

constexpr NamedUnit flux(std::string_view name, double mjy) {
  return {name, UnitKind::flux, mjy};
}
constexpr NamedUnit mag(std::string_view name, double scale) {
  return {name, UnitKind::magnitude, scale};
}

// Whole units: the blanks in them do not count. Both code points of the micro sign are common.
constexpr auto kUnits = by_name(std::array{flux("njy", 1e-6),
                                           flux("ujy", 1e-3),
                                           flux("\u00b5jy", 1e-3),
                                           flux("\u03bcjy", 1e-3),
                                           flux("mjy", 1),
                                           flux("jy", 1e3),
                                           flux("kjy", 1e6),
                                           flux("nanojy", 1e-6),
                                           flux("microjy", 1e-3),
                                           flux("millijy", 1),
                                           flux("nanojansky", 1e-6),
                                           flux("microjansky", 1e-3),
                                           flux("millijansky", 1),
                                           flux("jansky", 1e3),
                                           flux("nanomaggy", 1e-9 * kMaggyMjy),
                                           flux("nanomaggies", 1e-9 * kMaggyMjy),
                                           flux("nmgy", 1e-9 * kMaggyMjy),
                                           flux("maggy", kMaggyMjy),
                                           flux("maggies", kMaggyMjy),
                                           flux("mgy", kMaggyMjy),
                                           flux("ab27.5", kMaggyMjy * 1e-11),
                                           flux("erg/(scm2hz)", kCgsMjy),
                                           flux("erg/(hzscm2)", kCgsMjy),
                                           flux("erg/(cm2shz)", kCgsMjy),
                                           flux("erg/(cm2hzs)", kCgsMjy),
                                           flux("erg/s/cm2/hz", kCgsMjy),
                                           flux("erg/s/cm^2/hz", kCgsMjy),
                                           flux("erg/cm2/s/hz", kCgsMjy),
                                           flux("erg/cm^2/s/hz", kCgsMjy),
                                           flux("ergs-1cm-2hz-1", kCgsMjy),
                                           flux("erg.s**-1.cm**-2.hz**-1", kCgsMjy),
                                           flux("ergcm-2s-1hz-1", kCgsMjy),
                                           flux("w/(m2hz)", kSiMjy),
                                           flux("w/(hzm2)", kSiMjy),
                                           flux("w/m2/hz", kSiMjy),
                                           flux("w/m^2/hz", kSiMjy),
                                           flux("wm-2hz-1", kSiMjy),
                                           flux("w.m**-2.hz**-1", kSiMjy),
                                           mag("mag", 1),
                                           mag("mags", 1),
                                           mag("magnitude", 1),
                                           mag("magnitudes", 1),
                                           mag("abmag", 1),
                                           mag("abmags", 1),
                                           mag("magab", 1),
                                           mag("mag(ab)", 1),
                                           mag("mag_ab", 1),
                                           mag("ab", 1),
                                           mag("absystem", 1),
                                           mag("vega", 1),
                                           mag("vegamag", 1),
                                           mag("magvega", 1),
                                           mag("mag(vega)", 1),
                                           mag("mag_vega", 1),
                                           mag("mmag", 1e-3),
                                           mag("mmags", 1e-3),
                                           mag("mmag(ab)", 1e-3),
                                           mag("mmag(vega)", 1e-3),
                                           mag("millimag", 1e-3),
                                           mag("millimags", 1e-3),
                                           mag("milli-mag", 1e-3),
                                           mag("millimagnitude", 1e-3),
                                           mag("millimagnitudes", 1e-3),
                                           mag("umag", 1e-6),
                                           mag("\u00b5mag", 1e-6),
                                           mag("\u03bcmag", 1e-6),
                                           mag("micromag", 1e-6)});

/// Whether one of the pieces of which every unit of flux has one is in `text`.
constexpr bool holds_part_of_flux_unit(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 6> kParts{"jy", "jansky", "mgy", "magg", "hz", "27.5"};
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}
static_assert(std::all_of(kUnits.begin(), kUnits.end(), [](const NamedUnit& unit) {
  return unit.kind != UnitKind::flux || holds_part_of_flux_unit(unit.name);
}));

struct TimeWord {
  std::string_view name;
  double days;  ///< 0 where it is no unit
};

constexpr TimeWord time(std::string_view name, double days) {
  return {name, days};
}
/// What else may stand in the unit of a time: it says where time begins and how clocks run.
constexpr TimeWord date(std::string_view name) {
  return {name, 0};
}

constexpr auto kTimeWords = by_name(std::array{time("d", 1),
                                               time("day", 1),
                                               time("days", 1),
                                               time("dy", 1),
                                               time("jday", 1),
                                               time("jdays", 1),
                                               time("h", kHour),
                                               time("hr", kHour),
                                               time("hrs", kHour),
                                               time("hour", kHour),
                                               time("hours", kHour),
                                               time("min", kMinute),
                                               time("mins", kMinute),
                                               time("minute", kMinute),
                                               time("minutes", kMinute),
                                               time("s", kSecond),
                                               time("sec", kSecond),
                                               time("secs", kSecond),
                                               time("second", kSecond),
                                               time("seconds", kSecond),
                                               time("ks", 1e3 * kSecond),
                                               time("ksec", 1e3 * kSecond),
                                               time("kiloseconds", 1e3 * kSecond),
                                               time("ms", 1e-3 * kSecond),
                                               time("msec", 1e-3 * kSecond),
                                               time("millisecond", 1e-3 * kSecond),
                                               time("milliseconds", 1e-3 * kSecond),
                                               time("us", 1e-6 * kSecond),
                                               time("usec", 1e-6 * kSecond),
                                               time("microsecond", 1e-6 * kSecond),
                                               time("microseconds", 1e-6 * kSecond),
                                               time("ns", 1e-9 * kSecond),
                                               time("nanosecond", 1e-9 * kSecond),
                                               time("nanoseconds", 1e-9 * kSecond),
                                               time("wk", 7),
                                               time("week", 7),
                                               time("weeks", 7),
                                               time("yr", kYear),
                                               time("yrs", kYear),
                                               time("year", kYear),
                                               time("years", kYear),
                                               time("a", kYear),
                                               time("jyr", kYear),
                                               date("jd"),
                                               date("mjd"),
                                               date("hjd"),
                                               date("bjd"),
                                               date("hmjd"),
                                               date("bmjd"),
                                               date("rjd"),
                                               date("rhjd"),
                                               date("rbjd"),
                                               date("tjd"),
                                               date("btjd"),
                                               date("bkjd"),
                                               date("julian"),
                                               date("modified"),
                                               date("reduced"),
                                               date("truncated"),
                                               date("heliocentric"),
                                               date("barycentric"),
                                               date("tess"),
                                               date("kepler"),
                                               date("date"),
                                               date("dates"),
                                               date("time"),
                                               date("since"),
                                               date("from"),
                                               date("of"),
                                               date("the"),
                                               date("at"),
                                               date("in"),
                                               date("epoch"),
                                               date("utc"),
                                               date("tdb"),
                                               date("tai"),
                                               date("tcb"),
                                               date("tcg"),
                                               date("tt"),
                                               date("ut"),
                                               date("ut1"),
                                               date("et"),
                                               date("j2000"),
                                               date("minus")});

/// Whether a number beside the unit of a time can be where time begins: a Julian date or a year.
bool is_epoch(std::string_view word) {
  const ParsedNumber number = parse_number(word);
  return number.kind == NumberKind::number &&
         (number.value >= 10000 || (number.value >= 1850 && number.value <= 2200));
}

std::vector<std::string_view> unit_words_of(std::string_view text) {
  std::vector<std::string_view> words;
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || (c & 0x80) != 0;
  };
  for (std::size_t i = 0; i < text.size();) {
    while (i < text.size() && !is_part(text[i])) ++i;
    const std::size_t begin = i;
    while (i < text.size() && is_part(text[i])) ++i;
    std::string_view word = text.substr(begin, i - begin);
    while (word.ends_with('.')) word.remove_suffix(1);
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

/// The unit of a time, in days; nothing where `folded` is none, as in "1/d" or "phase".
std::optional<double> days_of(std::string_view folded) {
  if (folded.find_first_of("/*^") != std::string_view::npos) return std::nullopt;
  std::optional<double> days;
  bool is_date = false;
  for (const std::string_view word : unit_words_of(folded)) {
    const TimeWord* const known = find_name(kTimeWords, word);
    if (known == nullptr) {
      if (!is_epoch(word)) return std::nullopt;
    } else if (known->days == 0) {
      is_date = true;
    } else {
      if (days.has_value() && *days != known->days) return std::nullopt;
      days = known->days;
    }
  }
  return days.has_value() ? days : is_date ? std::optional(1.0) : std::nullopt;
}

/// The number before a unit, as in "10-6 Jy", "1e-3 mag" or "10^3 s"; it is taken off `text`.
std::optional<double> take_factor(std::string_view& text) {
  double value = 0;
  std::string_view rest = text;
  if (rest.starts_with("10^") || rest.starts_with("10**") || rest.starts_with("10-") ||
      rest.starts_with("10+")) {
    rest.remove_prefix(rest.starts_with("10**") ? 4 : rest.starts_with("10^") ? 3 : 2);
    while (!rest.empty() && (rest.front() == '(' || rest.front() == '+')) rest.remove_prefix(1);
    int power = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), power);
    if (error != std::errc{} || std::abs(power) > 40) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
    value = std::pow(10.0, power);
  } else {
    const auto [stop, error] = double_from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc{} || stop == rest.data()) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
  }
  while (!rest.empty() && (rest.front() == ')' || rest.front() == '*')) rest.remove_prefix(1);
  text = rest;
  return value > 0 ? std::optional(value) : std::nullopt;
}

/// A unit with a number before it.
std::optional<Unit> parse_multiple(std::string_view whole) {
  const auto factor = take_factor(whole);
  if (!factor.has_value()) return std::nullopt;
  if (const NamedUnit* const known = find_name(kUnits, whole))
    return Unit{known->kind, *factor * known->scale};
  if (const TimeWord* const known = find_name(kTimeWords, whole); known != nullptr && known->days > 0)
    return Unit{UnitKind::time, *factor * known->days};
  return std::nullopt;
}

}  // namespace

Unit parse_unit(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.size() > 256) return {text.empty() ? UnitKind::none : UnitKind::unknown, 1};
  std::string whole = folded_name(text);
  const std::string folded = whole;
  std::erase_if(whole, [](char c) { return c == ' ' || c == '\t'; });
  // Case matters only for one prefix: M means a million, or a thousandth in names that are all capitals.
  if (text.starts_with('M') && (whole == "mjy" || whole == "mmag" || whole == "ms"))
    return {UnitKind::unknown, 1};
  if (const NamedUnit* const known = find_name(kUnits, whole)) return {known->kind, known->scale};
  if (const auto days = days_of(folded)) return {UnitKind::time, *days};
  std::string plain = whole;  // "erg s^-1" is "ergs-1"
  std::erase(plain, '^');
  if (const NamedUnit* const known = find_name(kUnits, plain)) return {known->kind, known->scale};
  if (const auto multiple = parse_multiple(whole)) return *multiple;
  return {UnitKind::unknown, 1};
}

bool may_hold_flux_unit(std::string_view text) noexcept {
  return holds_part_of_flux_unit(text);
}

bool is_flux_unit(std::string_view folded) noexcept {
  while (folded.starts_with('#')) folded.remove_prefix(1);  // as folded_name() does
  const NamedUnit* const known = find_name(kUnits, folded);
  return known != nullptr && known->kind == UnitKind::flux;
}

double days_per_unit(TimeUnit unit) noexcept {
  switch (unit) {
    case TimeUnit::day:
      return 1;
    case TimeUnit::hour:
      return kHour;
    case TimeUnit::minute:
      return kMinute;
    case TimeUnit::second:
      return kSecond;
    case TimeUnit::year:
      return kYear;
  }
  return 1;
}

}  // namespace astrom3
