// SPDX-License-Identifier: MIT
//
// The options of all stages in one table, and those of a run.
#include "astrom3/pipeline/treatment.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "astrom3/base/option.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/features.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/source/source.h"
#include "astrom3/tensor.h"

namespace astrom3 {
namespace {

/// "3" or "5%".
bool take_max_rejects(std::string_view text, RunOptions& o) {
  constexpr double kMostObjects = 1e15;
  const bool is_share = text.ends_with('%');
  const std::optional<double> number = number_of(text.substr(0, text.size() - (is_share ? 1 : 0)));
  if (!number || *number < 0) return false;
  if (is_share) {
    if (*number > 100) return false;
    o.max_reject_fraction = *number / 100;
    return true;
  }
  if (*number != std::floor(*number) || *number > kMostObjects) return false;
  o.max_rejects = static_cast<std::uint64_t>(*number);
  return true;
}

std::string text_of_max_rejects(const RunOptions& o) {
  if (o.max_reject_fraction < 1) return fmt::format("{}%", o.max_reject_fraction * 100);
  return o.max_rejects == UINT64_MAX ? std::string{} : fmt::format("{}", o.max_rejects);
}

}  // namespace

void declare_reading_options(Treatment& treatment, OptionTable& table) {
  declare_options(treatment.reading, table);
  declare_options(treatment.object.cleaning, table);
}

void declare_feature_options(Treatment& treatment, OptionTable& table) {
  declare_options(treatment.object.overrides, table);
  GroupOfOptions options = table.in(option_groups::kFeatures);
  options.add(
      "scaling", treatment.scaling,
      "scaling of the features: checkpoint, published, none, or a preprocessor_config.json / info.json");
  declare_options(treatment.object.features, table);
}

void declare_options(Treatment& treatment, OptionTable& table) {
  declare_reading_options(treatment, table);
  declare_feature_options(treatment, table);
  declare_options(treatment.object.tensor, table);
}

Scaling scaling_called(const std::string& name, const Checkpoint* checkpoint) {
  if (name == "none") return no_scaling();
  if (name == "published") return published_scaling();
  if (name != "checkpoint") return read_scaling(name);
  return checkpoint != nullptr && checkpoint->scaling ? *checkpoint->scaling : published_scaling();
}

void declare_options(RunOptions& o, OptionTable& table) {
  GroupOfOptions options = table.in(option_groups::kRun);
  options.add("batch-size", o.batch_size, "light curves that a thread takes at a time").within(1, 65536);
  options.add("strict", o.strict, "stop at the first rejected object (exit 3)");
  options
      .add("max-rejects",
           {.set = [&o](std::string_view text) { return take_max_rejects(text, o); },
            .text = [&o] { return text_of_max_rejects(o); },
            .reset =
                [&o, count = o.max_rejects, share = o.max_reject_fraction] {
                  o.max_rejects = count;
                  o.max_reject_fraction = share;
                }},
           "stop when more objects than this are rejected: N or P%")
      .expects("a count or a percentage such as 5%");
}

}  // namespace astrom3
