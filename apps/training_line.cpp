// SPDX-License-Identifier: MIT
#include "training_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>

#include "astrom3/training/training.h"
#include "report.h"

namespace astrom3::cli {
namespace {

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string duration(double seconds) {
  const auto total = static_cast<long>(std::lround(seconds));
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {:02} s", total / 60, total % 60);
  return fmt::format("{} h {:02} min", total / 3600, total / 60 % 60);
}

}  // namespace

TrainingLine::TrainingLine(Verbosity verbosity)
    : verbosity_(verbosity), on_terminal_(verbosity != Verbosity::quiet && ::isatty(STDERR_FILENO) != 0) {}

TrainingLine::~TrainingLine() {
  clear();
}

void TrainingLine::clear() {
  if (shown_) print_status("");
  shown_ = false;
}

void TrainingLine::show(const TrainingProgress& p) {
  if (p.epoch > 0 && start_seconds_ < 0) {
    start_seconds_ = now_seconds();
    first_epoch_ = p.epoch;
  }
  const double elapsed = start_seconds_ < 0 ? 0 : now_seconds() - start_seconds_;
  if (p.finished != nullptr)
    say_epoch(p, elapsed);
  else if (on_terminal_)
    show_bar(p, elapsed);
}

double TrainingLine::objects_per_second(const TrainingProgress& p, double elapsed) const {
  const std::size_t done = (p.epoch - first_epoch_) * p.n_objects + p.n_done;
  return static_cast<double>(done) / std::max(elapsed, 1e-3);
}

void TrainingLine::show_bar(const TrainingProgress& p, double elapsed) {
  std::string line = fmt::format("{} light curves read", p.n_read);
  if (p.epoch > 0) {
    constexpr std::size_t kBar = 24;
    const std::size_t filled = kBar * p.n_done / std::max<std::size_t>(1, p.n_objects);
    const double rate = objects_per_second(p, elapsed);
    const std::size_t left = (p.n_epochs - p.epoch + 1) * p.n_objects - p.n_done;
    line = fmt::format("epoch {}/{} [{:=<{}}{: <{}}] loss {:.4f}, accuracy {:.4f}, {:.1f} objects/s, {} left",
                       p.epoch, p.n_epochs, "", filled, "", kBar - filled, p.loss, p.accuracy, rate,
                       duration(static_cast<double>(left) / std::max(rate, 1e-3)));
  }
  print_status(line);
  shown_ = true;
}

void TrainingLine::say_epoch(const TrainingProgress& p, double elapsed) {
  clear();
  const EpochMetrics& e = p.finished->back();
  std::string text = fmt::format("epoch {}/{}: loss {:.4f}, accuracy {:.4f}", e.epoch, p.n_epochs,
                                 e.train_loss, e.train_accuracy);
  if (!std::isnan(e.validation_loss))
    text +=
        fmt::format("; validation loss {:.4f}, accuracy {:.4f}", e.validation_loss, e.validation_accuracy);
  if (!std::isnan(e.validation_macro_f1)) text += fmt::format(", macro-F1 {:.4f}", e.validation_macro_f1);
  const double rate = objects_per_second(p, elapsed);
  const std::size_t left = (p.n_epochs - p.epoch) * p.n_objects;
  text += fmt::format("{}; {:.1f} objects/s, {} left", e.best ? " (best)" : "", rate,
                      duration(static_cast<double>(left) / std::max(rate, 1e-3)));
  print_note(text, verbosity_);
}

}  // namespace astrom3::cli
