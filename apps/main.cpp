// SPDX-License-Identifier: MIT
//
// The astrom3 command: finds the subcommand, runs it, and turns what went wrong into an exit code.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "astrom3/astrom3.h"
#include "command.h"
#include "signals.h"
#include "suggest.h"

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

int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  std::string message = error.what();
  if (const std::string word = unknown_command(app); !word.empty()) {
    message = fmt::format("there is no command \"{}\"", escaped(word));
  }
  std::string hint = "astrom3 --help";
  for (const CLI::App* sub : app.get_subcommands()) hint = fmt::format("astrom3 {} --help", sub->get_name());
  if (const std::string better = suggestion(app, error); !better.empty()) hint = better;
  print_error(Diagnostic{.code = Status::usage, .message = message, .hint = hint});
  return exit_code(Status::usage);
}

int run(int argc, char** argv) {
  CLI::App app{"AstroM3 embeddings of variable stars: raw light curve in, 128 numbers out", "astrom3"};
  app.set_version_flag("--version", std::string("astrom3 ") + kVersion);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  Action action;
  add_embed(app, action);
  add_features(app, action);
  add_preprocess(app, action);
  add_encode(app, action);
  add_classify(app, action);
  add_fetch(app, action);
  add_info(app, action);
  add_init(app, action);
  add_export(app, action);
  add_import(app, action);
  add_periodogram(app, action);
  add_inspect(app, action);
  add_study(app, action);
  add_train(app, action);
  add_search(app, action);
  add_outliers(app, action);
  add_evaluate(app, action);
  add_map(app, action);
  app.footer(kFooter);  // at last: a subcommand without one of its own would inherit it
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_usage(app, error);
  }
  return action();
}

int exit_code_of(const Error& error) {
  if (error.code() == Status::interrupted) return 128 + caught_signal();
  if (error.code() == Status::output_error && broken_pipe()) return 128 + SIGPIPE;
  print_error(error.diagnostic());
  return exit_code(error.code());
}

}  // namespace
}  // namespace astrom3::cli

int main(int argc, char** argv) {
  using namespace astrom3;
  try {
    cli::install_signal_handlers();
    return cli::run(argc, argv);
  } catch (const Error& error) {
    return cli::exit_code_of(error);
  } catch (const std::bad_alloc&) {
    cli::print_error(Diagnostic{.code = Status::internal,
                                .message = "out of memory",
                                .hint = "a smaller --memory or --batch-size needs less"});
  } catch (const std::exception& error) {
    cli::print_error(Diagnostic{.code = Status::internal,
                                .message = error.what(),
                                .hint = "this is a defect in astrom3; please report it"});
  }
  return exit_code(Status::internal);
}
