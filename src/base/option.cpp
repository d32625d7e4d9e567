// SPDX-License-Identifier: MIT
#include "astrom3/base/option.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {
namespace {

std::string as_key(std::string name) {
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

/// "reject, std or meanad"
std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

}  // namespace

Option::Option(std::string name, OptionKind kind, std::string help, OptionGroup group)
    : name_(std::move(name)),
      help_(std::move(help)),
      group_(std::move(group)),
      kind_(kind),
      identity_name_(as_key(name_)) {}

void Option::bind(OptionAccess access) {
  if (access_.empty()) default_text_ = access.text();
  access_.push_back(std::move(access));
}

std::string Option::range() const {
  const bool from_below = std::isfinite(least_);
  if (std::isfinite(most_)) return fmt::format("[{}, {}]", number(from_below ? least_ : 0), number(most_));
  if (!from_below) return {};
  return fmt::format("{} {}", above_ ? ">" : ">=", number(least_));
}

std::string Option::number(double value) const {
  return kind_ == OptionKind::whole_number ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

std::string Option::expected() const {
  if (!expected_.empty()) return expected_;
  if (kind_ == OptionKind::flag) return "true or false";
  if (kind_ == OptionKind::choice) return listed(words_);
  if (kind_ == OptionKind::text) return "a text";
  std::string out = kind_ == OptionKind::whole_number ? "a whole number" : "a number";
  if (std::isfinite(most_)) {
    out += fmt::format(" from {} to {}", number(std::isfinite(least_) ? least_ : 0), number(most_));
  } else if (std::isfinite(least_)) {
    out += fmt::format(" {} {}", above_ ? "above" : "not below", number(least_));
  }
  return out;
}

bool Option::is_within(double value) const noexcept {
  return (above_ ? value > least_ : value >= least_) && value <= most_;
}

void Option::set(std::string_view text) {
  bool is_value = !text.empty();
  for (const OptionAccess& access : access_) is_value = is_value && access.set(text);
  if (!is_value) {
    throw Error(Diagnostic{.code = Status::usage,
                           .option = name_,
                           .value = std::string(text),
                           .message = fmt::format("expected {}, found \"{}\"", expected(), escaped(text))});
  }
  is_set_ = true;
}

void Option::reset() {
  for (const OptionAccess& access : access_) access.reset();
  is_set_ = false;
}

std::string Option::text() const {
  return access_.front().text();
}

std::string Option::identity() const {
  if (!identified_ || group_.identity.empty()) return {};
  const std::string value = text();
  if (!is_always_identified() && value == default_text_) return {};
  const std::string& word = kind_ != OptionKind::flag ? value : value == "true" ? on_ : off_;
  return fmt::format("{}={}", identity_name_, value.empty() ? unset_ : word);
}

Option& Option::letter(char letter) {
  letter_ = letter;
  return *this;
}

Option& Option::within(double least, double most) {
  least_ = least;
  most_ = most;
  return *this;
}

Option& Option::at_least(double least) {
  least_ = least;
  return *this;
}

Option& Option::above(double bound) {
  least_ = bound;
  above_ = true;
  return *this;
}

Option& Option::unset(std::string meaning) {
  unset_ = std::move(meaning);
  return *this;
}

Option& Option::identified_as(std::string name, std::string off, std::string on) {
  identity_name_ = std::move(name);
  off_ = std::move(off);
  on_ = std::move(on);
  return *this;
}

Option& Option::identified_if_changed() {
  only_if_changed_ = true;
  return *this;
}

Option& Option::decides_nothing() {
  identified_ = false;
  return *this;
}

Option& Option::expects(std::string expected) {
  expected_ = std::move(expected);
  return *this;
}

Option& Option::repeatable() {
  repeatable_ = true;
  return *this;
}

Option& Option::several() {
  repeatable_ = several_ = true;
  return *this;
}

Option& Option::required() {
  required_ = true;
  return *this;
}

Option& Option::of_files() {
  of_files_ = true;
  return *this;
}

Option& Option::help(std::string help) {
  help_ = std::move(help);
  return *this;
}

}  // namespace astrom3
