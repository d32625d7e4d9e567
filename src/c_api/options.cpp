// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/c_api.h"
#include "astrom3/features/period_search.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/pipeline/treatment.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

static_assert(ASTROM3_OPTION_TEXT == static_cast<int>(OptionKind::text));

astrom3_options::astrom3_options() {
  declare_options(treatment, table);
  declare_options(modalities, table);
  for (const Option& option : table.options()) {
    Texts text{
        .group = std::string(option.group().title), .words = {}, .expected = option.expected(), .value = {}};
    for (const std::string& word : option.words()) text.words += (text.words.empty() ? "" : ",") + word;
    texts.push_back(std::move(text));
  }
}

astrom3_status astrom3_options_open(astrom3_options** options) {
  return guarded([&] {
    require(options, "options");
    *options = nullptr;
    *options = new astrom3_options;
    return Status::ok;
  });
}

void astrom3_options_close(astrom3_options* options) {
  delete options;
}

astrom3_status astrom3_options_set(astrom3_options* options, const char* name, const char* text) {
  return guarded([&] {
    require(options, "options");
    require(name, "name");
    Option& option = options->table.at(name);
    if (text == nullptr) {
      option.reset();
    } else {
      option.set(text);
    }
    return Status::ok;
  });
}

const char* astrom3_options_get(astrom3_options* options, const char* name) {
  if (options == nullptr || name == nullptr) return nullptr;
  try {
    for (std::size_t i = 0; i < options->texts.size(); ++i) {
      const Option& option = options->table.options()[i];
      if (&option != options->table.find(name)) continue;
      options->texts[i].value = option.text();
      return options->texts[i].value.empty() ? nullptr : options->texts[i].value.c_str();
    }
  } catch (const std::exception&) {  // no memory for the text
  }
  return nullptr;
}

astrom3_status astrom3_options_check(const astrom3_options* options) {
  return guarded([&] {
    require(options, "options");
    check_together(options->treatment.object.features.period);
    return Status::ok;
  });
}

size_t astrom3_options_count(const astrom3_options* options) {
  return options == nullptr ? 0 : options->table.options().size();
}

astrom3_status astrom3_options_describe(const astrom3_options* options, size_t i, astrom3_option_info* info) {
  return guarded([&] {
    require(options, "options");
    require_struct(info, "info");
    if (i >= options->table.options().size())
      throw Error(Status::usage, fmt::format("options: there is no option number {}", i));
    const Option& option = options->table.options()[i];
    const astrom3_options::Texts& texts = options->texts[i];
    info->kind = static_cast<int32_t>(option.kind());
    info->is_repeatable = option.is_repeatable() ? 1 : 0;
    info->is_of_files = option.is_of_files() ? 1 : 0;
    info->name = option.name().c_str();
    info->group = texts.group.c_str();
    info->help = option.help().c_str();
    info->words = texts.words.c_str();
    info->expected = texts.expected.c_str();
    info->default_text = option.default_text().empty() ? nullptr : option.default_text().c_str();
    return Status::ok;
  });
}
