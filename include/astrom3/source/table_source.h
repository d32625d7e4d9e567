// SPDX-License-Identifier: MIT
//
// Light curves in memory as a source, for what reads files as well.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "astrom3/source/light_curve_table.h"

namespace astrom3 {

/// The light curves of `tables`, one table after the other, which must outlive the source.
///
/// object_ids  one for each light curve; empty: as the tables say, and numbered on from table to table
std::unique_ptr<Source> source_of(std::vector<const LightCurveTable*> tables,
                                  std::vector<std::string> object_ids = {});

}  // namespace astrom3
