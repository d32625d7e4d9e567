// SPDX-License-Identifier: MIT
//
// The common parts of the studies: reading objects, writing tables and a plot. Each study has its own file.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/study/study.h"
#include "command_line.h"
#include "run_options.h"
#include "table.h"

namespace astrom3::cli {

struct StudyArguments {
  RunArguments run;
  StudyReading reading;
  std::string labels, svg;
};

/// Every option of reading, model, features and output.
void add_study_options(Command& command, StudyArguments& arguments);

struct StudyInput {
  std::shared_ptr<const Checkpoint> checkpoint;
  StudySet set;
};

/// Model first, then objects: AstroM3Processed tensors where the first input is such a Parquet file, else
/// light curves with --features and --labels. Says what was left out.
StudyInput read_study_input(const StudyArguments& arguments);

/// The facts every study reports about its input.
std::vector<std::pair<std::string, Cell>> study_facts(const StudyInput& input);

/// -o or stdout, and --svg.
void write_study(const StudyArguments& arguments, const std::vector<Table>& tables,
                 const std::vector<std::pair<std::string, Cell>>& facts, const std::string& svg);

void add_study_attention(Command& study);
void add_study_precision(Command& study);
void add_study_substitution(Command& study);

}  // namespace astrom3::cli
