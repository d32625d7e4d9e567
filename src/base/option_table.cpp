// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "base/edit_distance.h"
#include "base/number.h"

namespace astrom3 {
namespace {

/// Decimal, or 0x... for bits.
std::optional<std::uint64_t> whole_number_in(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, is_hex ? 16 : 10);
  return error == std::errc{} && stop == end && !text.empty() ? std::optional(value) : std::nullopt;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + text;
  return out;
}

bool same_name(std::string_view given, std::string_view name) {
  return std::equal(given.begin(), given.end(), name.begin(), name.end(),
                    [](char a, char b) { return (a == '_' ? '-' : a) == b; });
}

/// Access to `value`; its default is its present value.
template <typename Value, typename Set, typename Text>
OptionAccess access_to(Value& value, Set set, Text text) {
  return {.set = std::move(set), .text = std::move(text), .reset = [&value, standard = value] {
            value = standard;
          }};
}

}  // namespace

std::optional<double> number_of(std::string_view text) noexcept {
  const ParsedNumber parsed = parse_number(text);
  return parsed.kind == NumberKind::number ? std::optional(parsed.value) : std::nullopt;
}

GroupOfOptions OptionTable::in(OptionGroup group) {
  return {*this, group};
}

Option& GroupOfOptions::declare(const char* name, OptionKind kind, const char* help) {
  if (Option* found = table_.find(name)) return *found;
  return table_.options_.emplace_back(name, kind, help, group_);
}

Option& GroupOfOptions::add(const char* name, bool& value, const char* help) {
  Option& option = declare(name, OptionKind::flag, help);
  option.bind(access_to(
      value,
      [&value](std::string_view text) {
        if (text != "true" && text != "false") return false;
        value = text == "true";
        return true;
      },
      [&value] { return std::string(value ? "true" : "false"); }));
  return option;
}

Option& GroupOfOptions::add(const char* name, double& value, const char* help) {
  Option& option = declare(name, OptionKind::number, help);
  option.bind(access_to(
      value,
      [&value, &option](std::string_view text) {
        const std::optional<double> number = number_of(text);
        if (!number || !option.is_within(*number)) return false;
        value = *number;
        return true;
      },
      [&value] { return fmt::format("{}", value); }));
  return option;
}

Option& GroupOfOptions::add(const char* name, std::optional<double>& value, const char* help) {
  Option& option = declare(name, OptionKind::number, help);
  option.bind(access_to(
      value,
      [&value, &option](std::string_view text) {
        const std::optional<double> number = number_of(text);
        if (!number || !option.is_within(*number)) return false;
        value = number;
        return true;
      },
      [&value] { return value ? fmt::format("{}", *value) : std::string{}; }));
  return option;
}

Option& GroupOfOptions::add(const char* name, std::string& value, const char* help) {
  Option& option = declare(name, OptionKind::text, help);
  option.bind(access_to(
      value,
      [&value](std::string_view text) {
        value = text;
        return true;
      },
      [&value] { return value; }));
  return option;
}

Option& GroupOfOptions::add(const char* name, std::vector<double>& values, const char* help) {
  Option& option = declare(name, OptionKind::number, help).repeatable();
  option.bind(access_to(
      values,
      [&values, &option](std::string_view text) {
        const std::optional<double> number = number_of(text);
        if (!number || !option.is_within(*number)) return false;
        if (!option.is_set()) values.clear();  // what is given takes the place of the default
        values.push_back(*number);
        return true;
      },
      [&values] {
        std::vector<std::string> texts;
        for (const double value : values) texts.push_back(fmt::format("{}", value));
        return joined(texts);
      }));
  return option;
}

Option& GroupOfOptions::add(const char* name, std::vector<std::size_t>& values, const char* help) {
  Option& option = declare(name, OptionKind::whole_number, help).repeatable();
  option.bind(access_to(
      values,
      [&values, &option](std::string_view text) {
        const std::optional<std::uint64_t> number = whole_number_in(text);
        if (!number || !option.is_within(static_cast<double>(*number))) return false;
        if (!option.is_set()) values.clear();
        values.push_back(static_cast<std::size_t>(*number));
        return true;
      },
      [&values] {
        std::vector<std::string> texts;
        for (const std::size_t value : values) texts.push_back(fmt::format("{}", value));
        return joined(texts);
      }));
  return option;
}

Option& GroupOfOptions::add(const char* name, std::vector<std::string>& values, const char* help) {
  Option& option = declare(name, OptionKind::text, help).repeatable();
  option.bind(access_to(
      values,
      [&values, &option](std::string_view text) {
        if (!option.is_set()) values.clear();
        values.emplace_back(text);
        return true;
      },
      [&values] { return joined(values); }));
  return option;
}

Option& GroupOfOptions::add_word(const char* name, std::string& value, std::vector<std::string> words,
                                 const char* help) {
  Option& option = declare(name, OptionKind::choice, help);
  option.words_ = std::move(words);
  option.bind(access_to(
      value,
      [&value, &option](std::string_view text) {
        if (std::find(option.words_.begin(), option.words_.end(), text) == option.words_.end()) return false;
        value = text;
        return true;
      },
      [&value] { return value; }));
  return option;
}

Option& GroupOfOptions::add(const char* name, OptionAccess access, const char* help, OptionKind kind) {
  Option& option = declare(name, kind, help);
  option.bind(std::move(access));
  return option;
}

Option& GroupOfOptions::add_whole(const char* name, const char* help, std::uint64_t largest,
                                  Place<std::uint64_t> place) {
  Option& option = declare(name, OptionKind::whole_number, help);
  const auto standard = place.get();
  option.bind({.set =
                   [place, largest, &option](std::string_view text) {
                     const std::optional<std::uint64_t> number = whole_number_in(text);
                     if (!number || *number > largest || !option.is_within(static_cast<double>(*number)))
                       return false;
                     place.put(number);
                     return true;
                   },
               .text =
                   [place] {
                     const std::optional<std::uint64_t> number = place.get();
                     return number ? fmt::format("{}", *number) : std::string{};
                   },
               .reset = [place, standard] { place.put(standard); }});
  return option;
}

Option& GroupOfOptions::add_choice(const char* name, const char* help, std::vector<std::string> words,
                                   Place<std::size_t> place) {
  Option& option = declare(name, OptionKind::choice, help);
  option.words_ = std::move(words);
  const auto standard = place.get();
  option.bind({.set =
                   [place, &option](std::string_view text) {
                     const auto found = std::find(option.words_.begin(), option.words_.end(), text);
                     if (found == option.words_.end()) return false;
                     place.put(static_cast<std::size_t>(found - option.words_.begin()));
                     return true;
                   },
               .text =
                   [place, &option] {
                     const std::optional<std::size_t> i = place.get();
                     return i ? option.words_[*i] : std::string{};
                   },
               .reset = [place, standard] { place.put(standard); }});
  return option;
}

const Option* OptionTable::find(std::string_view name) const {
  const auto found = std::find_if(options_.begin(), options_.end(),
                                  [&](const Option& option) { return same_name(name, option.name()); });
  return found == options_.end() ? nullptr : &*found;
}

Option* OptionTable::find(std::string_view name) {
  return const_cast<Option*>(std::as_const(*this).find(name));
}

Option& OptionTable::at(std::string_view name) {
  if (Option* found = find(name)) return *found;
  constexpr std::size_t kFurthest = 2;
  std::string nearest;
  for (const Option& option : options_) {
    if (edit_distance(name, option.name(), kFurthest) <= kFurthest) nearest = option.name();
  }
  throw Error(Status::usage, fmt::format("there is no option \"{}\"", escaped(name)),
              nearest.empty() ? std::string{} : fmt::format("did you mean {}?", nearest));
}

std::string OptionTable::identity(std::string_view key) const {
  std::string out;
  for (const bool always : {true, false}) {
    for (const Option& option : options_) {
      if (option.group().identity != key || option.is_always_identified() != always) continue;
      if (const std::string part = option.identity(); !part.empty()) out += (out.empty() ? "" : "; ") + part;
    }
  }
  return out;
}

}  // namespace astrom3
