// SPDX-License-Identifier: MIT
//
// Confusion matrices and reliability diagrams as SVG, one row a method.
#pragma once

#include <string>
#include <vector>

#include "astrom3/downstream/evaluate.h"

namespace astrom3::cli {

struct Judgement {
  std::string method;
  Evaluation evaluation;
};

std::string svg_of(const std::vector<Judgement>& judgements);

}  // namespace astrom3::cli
