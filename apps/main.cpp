// SPDX-License-Identifier: MIT
//
// The astrom3 command: finds the subcommand, runs it, and turns errors into exit codes.
#include <signal.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/base/version.h"
#include "command.h"
#include "command_line.h"
#include "report.h"
#include "signals.h"
#include "standard_streams.h"
#include "subcommands.h"

namespace astrom3::cli {
namespace {

constexpr const char* kFooter = R"(
exit codes: 0 all ok, 2 usage, 3 finished with rejected objects, 4 model or configuration, 5 input,
6 output, 7 network, 70 internal, 130/141/143 signals. Data goes to stdout, everything else to stderr.

examples:
  astrom3 embed star.csv --band V -o star_embedding.csv
  astrom3 embed survey.csv.gz --band V -o embeddings.parquet
  astrom3 embed *.dat --features catalog.csv -o embeddings.parquet
  astrom3 COMMAND --help)";

/// Adds the subcommand that is the first word, or all of them: declaring them all takes as long as starting.
void add_subcommands(Command& astrom3, std::string_view first_word) {
  const bool is_named =
      std::any_of(subcommands().begin(), subcommands().end(),
                  [&](const Subcommand& subcommand) { return subcommand.name == first_word; });
  for (const Subcommand& subcommand : subcommands()) {
    if (is_named && subcommand.name != first_word) continue;
    subcommand.add(astrom3);
    if (astrom3.subcommands().back().name() != subcommand.name)
      throw std::logic_error("a subcommand stands under another name in subcommands.cpp");
  }
}

int run(int argc, char** argv) {
  Command astrom3("astrom3", "AstroM3 embeddings of variable stars: raw light curve in, 128 numbers out");
  astrom3.footer(kFooter);
  add_subcommands(astrom3, argc > 1 ? argv[1] : "");
  const int code = run_command_line(astrom3, std::string("astrom3 ") + kVersion, argc, argv);
  flush_standard_output();
  return code;
}

int exit_code_of(const Error& error) {
  if (error.code() == Status::interrupted) return 128 + caught_signal();
  if (error.code() == Status::output_error && broken_pipe()) return 128 + SIGPIPE;
  print_error(error.diagnostic());
  return exit_code(error.code());
}

/// The exit code if text of a library, such as --help, could not be printed.
int exit_code_of_failed_output() {
  try {
    flush_standard_output();
  } catch (const Error& error) {
    return exit_code_of(error);
  }
  return exit_code(Status::output_error);
}

}  // namespace
}  // namespace astrom3::cli

int main(int argc, char** argv) {
  using namespace astrom3;
  try {
    cli::hold_standard_descriptors();
    cli::install_signal_handlers();
    const StopScope heeds_signals(&cli::stop_requested());
    return cli::run(argc, argv);
  } catch (const Stopped&) {
    return 128 + cli::caught_signal();
  } catch (const Error& error) {
    return cli::exit_code_of(error);
  } catch (const std::bad_alloc&) {
    cli::print_error(Diagnostic{.code = Status::internal,
                                .message = "out of memory",
                                .hint = "a smaller --memory or --batch-size needs less"});
  } catch (const std::exception& error) {
    if (cli::standard_output_failed()) return cli::exit_code_of_failed_output();
    cli::print_error(Diagnostic{.code = Status::internal,
                                .message = error.what(),
                                .hint = "this is a defect in astrom3; please report it"});
  }
  return exit_code(Status::internal);
}
