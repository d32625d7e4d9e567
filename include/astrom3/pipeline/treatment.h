// SPDX-License-Identifier: MIT
//
// How light curves are read and treated: the options that the command, C and Python have in common.
#pragma once

#include <string>

#include "astrom3/base/option.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/source/source.h"

namespace astrom3 {

struct Treatment {
  SourceOptions reading;
  ObjectOptions object;                ///< its scaling is scaling_called() of the name below
  std::string scaling = "checkpoint";  ///< or published, none, or a file
};

/// The options of reading and cleaning.
void declare_reading_options(Treatment& treatment, OptionTable& table);
/// The options of features, the period search and scaling.
void declare_feature_options(Treatment& treatment, OptionTable& table);
/// All of these options, and those of tensors.
void declare_options(Treatment& treatment, OptionTable& table);

/// checkpoint  may be null; if it has no scaling, "checkpoint" means the published one
/// Throws Error bad_scaling if `name` is a file that cannot be used.
Scaling scaling_called(const std::string& name, const Checkpoint* checkpoint);

}  // namespace astrom3
