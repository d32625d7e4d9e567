// SPDX-License-Identifier: MIT
//
// The structures behind the opaque handles of the C interface.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "astrom3/base/option.h"
#include "astrom3/c_api.h"
#include "astrom3/downstream/search.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/pipeline/embed_table.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/pipeline/treatment.h"

struct astrom3_model {
  astrom3::Encoder encoder;
  std::string isa, path, identity;
  std::vector<std::string> class_names;
};

struct astrom3_options {
  astrom3_options();

  astrom3::Treatment treatment;
  astrom3::OptionTable table;
  /// What astrom3_options_describe() and astrom3_options_get() point to, one for each option.
  struct Texts {
    std::string group, words, expected, value;
  };
  std::vector<Texts> texts;
};

struct astrom3_table {
  astrom3::LightCurveTable table;
};

struct astrom3_index {
  astrom3::NeighbourIndex index;
};
