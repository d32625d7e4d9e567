// SPDX-License-Identifier: MIT
//
// How many observations were left out, and why, in the JSON of a run.
#pragma once

#include "astrom3/source/source.h"
#include "formats/json_writer.h"

namespace astrom3 {

/// One member for each reason, into the object that is open.
inline void add_members(JsonWriter& json, const DropCounts& dropped) {
  json.member("nonfinite", dropped.nonfinite)
      .member("missing", dropped.missing)
      .member("upper_limits", dropped.upper_limits)
      .member("null_values", dropped.null_values)
      .member("quality", dropped.quality)
      .member("other_bands", dropped.other_bands);
}

}  // namespace astrom3
