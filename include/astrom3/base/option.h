// SPDX-License-Identifier: MIT
//
// An option is declared once, beside the structure that holds its value. The command, C, Python, the identity
// of a run and the tests use this declaration.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

enum class OptionKind : std::uint8_t { flag, whole_number, number, choice, text };

/// The heading under which --help lists options, and the key under which the identity of a run names them.
struct OptionGroup {
  std::string_view title{};
  std::string_view identity{};  ///< empty: these options change no number, or are described elsewhere
};

/// The groups of the library's options.
namespace option_groups {
inline constexpr OptionGroup kInput{"Input", "photometry"};
inline constexpr OptionGroup kCleaning{"Cleaning (default: a bad value rejects its object, and is reported)",
                                       "cleaning"};
inline constexpr OptionGroup kFeatures{
    "Features (each one: the value that is set, else the catalogue's, else computed)", ""};
inline constexpr OptionGroup kPeriodSearch{"Period search", "period_search"};
inline constexpr OptionGroup kMethod{
    "Method (default: generalised Lomb-Scargle, and the period that the search chooses)", ""};
inline constexpr OptionGroup kTensor{"Output", "tensor"};
inline constexpr OptionGroup kRun{"Run", ""};
}  // namespace option_groups

/// A value of an enumeration as users write it.
template <typename Enum>
struct Word {
  const char* word;
  Enum value;
};

/// How the value of an option is read from a text, written as one, and put back to its default.
struct OptionAccess {
  std::function<bool(std::string_view text)> set;  ///< false if the text is not one of its values
  std::function<std::string()> text;               ///< "" while it has no value
  std::function<void()> reset;
};

/// The whole text as a finite number, in any locale; nothing if the text is not such a number.
std::optional<double> number_of(std::string_view text) noexcept;

/// One option: its name, its meaning, and access to its value. Declared with OptionTable::add(); the
/// functions that complete the declaration return the option.
class Option {
 public:
  Option(std::string name, OptionKind kind, std::string help, OptionGroup group);

  // What it is.
  const std::string& name() const noexcept { return name_; }  ///< on the command line, without dashes
  OptionKind kind() const noexcept { return kind_; }
  const std::string& help() const noexcept { return help_; }
  const OptionGroup& group() const noexcept { return group_; }
  const std::vector<std::string>& words() const noexcept { return words_; }  ///< of a choice
  std::string expected() const;  ///< what a value is: "a whole number from 2 to 10000000"
  std::string range() const;     ///< of a number: "[2, 10000000]", "> 0", ">= 0"; "" if there is no limit
  const std::string& default_text() const noexcept {
    return default_text_;
  }                                                                     ///< "": it has no value until set
  const std::string& unset_meaning() const noexcept { return unset_; }  ///< what no value means, in words
  bool is_repeatable() const noexcept { return repeatable_; }           ///< each set() adds a value
  bool takes_several() const noexcept {
    return several_;
  }  ///< on the command line: values until the next option
  bool is_required() const noexcept { return required_; }
  bool is_of_files() const noexcept { return of_files_; }  ///< has no use for light curves in memory
  char short_name() const noexcept { return letter_; }     ///< -q of --quiet; 0: none

  // Its value.
  /// Throws Error usage that names the option, the text and what was expected. The empty text is not a value
  /// of any option.
  void set(std::string_view text);
  void reset();
  std::string text() const;                         ///< "" while it has no value
  bool is_set() const noexcept { return is_set_; }  ///< set() since the declaration or reset()
  bool is_default() const { return text() == default_text_; }
  /// Its part of the identity of a run, "min_points=2"; "" if it changes no number, or if it is at its
  /// default and then not named.
  std::string identity() const;
  /// True if the identity names it whatever its value is; other options are named if not at their default.
  bool is_always_identified() const noexcept {
    return identified_ && !only_if_changed_ && !(default_text_.empty() && unset_.empty());
  }

  // The rest of a declaration.
  Option& letter(char letter);
  Option& within(double least, double most);
  Option& at_least(double least);
  Option& above(double bound);
  /// What no value means, in the words of a run's identity: "by band".
  Option& unset(std::string meaning);
  /// Another name in the identity, and for a flag other words than false and true.
  Option& identified_as(std::string name, std::string off = "false", std::string on = "true");
  Option& identified_if_changed();  ///< named in the identity only if it is not at its default
  Option& decides_nothing();        ///< not in the identity: no row depends on it
  /// What a value is, for an option with its own notation: "a size such as 64M, 512M or 4G".
  Option& expects(std::string expected);
  Option& repeatable();
  Option& several();
  Option& required();
  Option& of_files();
  Option& help(std::string help);

 private:
  friend class GroupOfOptions;
  bool is_within(double value) const noexcept;
  std::string number(double value) const;
  void bind(OptionAccess access);

  std::string name_, help_, expected_, unset_, default_text_;
  OptionGroup group_;
  OptionKind kind_;
  char letter_ = 0;
  bool repeatable_ = false, several_ = false, required_ = false, of_files_ = false, is_set_ = false;
  bool only_if_changed_ = false, identified_ = true;
  std::vector<std::string> words_;
  double least_ = -std::numeric_limits<double>::infinity(), most_ = std::numeric_limits<double>::infinity();
  bool above_ = false;  ///< least_ itself is out of range
  std::string identity_name_, off_ = "false", on_ = "true";
  std::vector<OptionAccess> access_;  ///< one for each structure that declares it
};

class OptionTable;

/// A group of a table; options are declared in it.
class GroupOfOptions {
 public:
  // Declaring: name, where the value is (what it holds is the default), one line of help.
  Option& add(const char* name, bool& value, const char* help);
  Option& add(const char* name, double& value, const char* help);
  Option& add(const char* name, std::optional<double>& value, const char* help);
  Option& add(const char* name, std::string& value, const char* help);
  Option& add(const char* name, std::vector<double>& values, const char* help);
  Option& add(const char* name, std::vector<std::string>& values, const char* help);
  template <std::integral Whole>
  Option& add(const char* name, Whole& value, const char* help) {
    return add_whole(name, help, std::numeric_limits<Whole>::max(),
                     {[&value](std::optional<std::uint64_t> n) { value = static_cast<Whole>(n.value_or(0)); },
                      [&value] { return std::optional<std::uint64_t>(value); }});
  }
  template <std::integral Whole>
  Option& add(const char* name, std::optional<Whole>& value, const char* help) {
    return add_whole(name, help, std::numeric_limits<Whole>::max(),
                     {[&value](std::optional<std::uint64_t> n) {
                        value = n ? std::optional(static_cast<Whole>(*n)) : std::nullopt;
                      },
                      [&value] { return value ? std::optional<std::uint64_t>(*value) : std::nullopt; }});
  }
  /// Several whole numbers.
  Option& add(const char* name, std::vector<std::size_t>& values, const char* help);
  /// words  outlive the table
  template <typename Enum, std::size_t n>
  Option& add(const char* name, Enum& value, const Word<Enum> (&words)[n], const char* help) {
    return add_choice(name, help, words_of<Enum>(words),
                      {[&value, &words](std::optional<std::size_t> i) { value = words[i.value_or(0)].value; },
                       [&value, &words] { return place_of<Enum>(words, value); }});
  }
  template <typename Enum, std::size_t n>
  Option& add(const char* name, std::optional<Enum>& value, const Word<Enum> (&words)[n], const char* help) {
    return add_choice(
        name, help, words_of<Enum>(words),
        {[&value, &words](std::optional<std::size_t> i) {
           value = i ? std::optional(words[*i].value) : std::nullopt;
         },
         [&value, &words] { return value ? place_of<Enum>(words, *value) : std::optional<std::size_t>(); }});
  }
  /// An option whose value is one of `words`, kept as a text.
  Option& add_word(const char* name, std::string& value, std::vector<std::string> words, const char* help);
  /// An option with its own notation. `expected` says what its values are.
  Option& add(const char* name, OptionAccess access, const char* help, OptionKind kind = OptionKind::text);

 private:
  template <typename T>
  struct Place {
    std::function<void(std::optional<T>)> put;  ///< none: the option has no value again
    std::function<std::optional<T>()> get;
  };
  template <typename Enum>
  static std::vector<std::string> words_of(std::span<const Word<Enum>> words) {
    std::vector<std::string> out;
    for (const Word<Enum>& word : words) out.emplace_back(word.word);
    return out;
  }
  template <typename Enum>
  static std::optional<std::size_t> place_of(std::span<const Word<Enum>> words, Enum value) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].value == value) return i;
    }
    return std::nullopt;
  }
  Option& declare(const char* name, OptionKind kind, const char* help);
  Option& add_whole(const char* name, const char* help, std::uint64_t largest, Place<std::uint64_t> place);
  Option& add_choice(const char* name, const char* help, std::vector<std::string> words,
                     Place<std::size_t> place);

  friend class OptionTable;
  GroupOfOptions(OptionTable& table, OptionGroup group) : table_(table), group_(group) {}
  OptionTable& table_;
  OptionGroup group_;
};

/// Options that are bound to the members of structures, which must outlive the table and stay where they are.
/// An option that two structures declare is one option: set() sets both.
class OptionTable {
 public:
  OptionTable() = default;
  OptionTable(const OptionTable&) = delete;
  OptionTable& operator=(const OptionTable&) = delete;

  GroupOfOptions in(OptionGroup group);  ///< to add options to this group

  // Using. Names may be written with '_' in the place of '-'.
  /// Null if there is no such option.
  Option* find(std::string_view name);
  const Option* find(std::string_view name) const;
  /// Throws Error usage if there is no such option, with the most similar name in the hint.
  Option& at(std::string_view name);
  std::deque<Option>& options() noexcept { return options_; }
  const std::deque<Option>& options() const noexcept { return options_; }
  /// "min_points=2; nonfinite=reject; ..." for the options whose group has the identity `key`: first those
  /// with a value, or with a meaning when they have none, then those that were set.
  std::string identity(std::string_view key) const;

 private:
  friend class GroupOfOptions;
  std::deque<Option> options_;
};

}  // namespace astrom3
