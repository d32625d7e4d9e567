// SPDX-License-Identifier: MIT
//
// How often find_period() is right: Stripe 82 RR Lyrae against their catalogue, simulated eclipsing
// binaries against the truth, ASAS-3 classes against their usual periods; and how often a period is right
// that was given a probability.
//
//   bench_period_accuracy [DATA_DIR] [--every N] [--only binaries|pulsators|stripe82|asas3]
//
// DATA_DIR holds s82_rrlyrae/ and asas3_train*.
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/features/period_search.h"

namespace {

using namespace astrom3;

struct Observations {
  std::vector<double> time, mag, mag_err;
  std::vector<std::uint8_t> band;
};

/// Rows of a CSV file, plain or gzip, without its header; cells as text.
std::vector<std::vector<std::string>> read_rows(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> rows;
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return rows;
  char line[512];
  bool is_header = true;
  while (gzgets(file, line, sizeof line) != nullptr) {
    if (std::exchange(is_header, false)) continue;
    std::vector<std::string> cells(1);
    for (const char* c = line; *c != '\0' && *c != '\n' && *c != '\r'; ++c) {
      if (*c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += *c;
      }
    }
    rows.push_back(std::move(cells));
  }
  gzclose(file);
  return rows;
}

struct Timer {
  double seconds = 0;
  std::size_t n = 0;
  PeriodResult search(const Observations& o, const PeriodOptions& options) {
    const std::clock_t start = std::clock();  // processor time: other work on the machine does not show
    PeriodResult result;
    const Status status = find_period(o.time, o.mag, o.mag_err, o.band, options, result);
    seconds += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    ++n;
    if (status != Status::ok) result.period = -1;
    return result;
  }
  double milliseconds() const { return 1e3 * seconds / static_cast<double>(std::max<std::size_t>(n, 1)); }
};

/// How many periods of each probability are right.
class Reliability {
 public:
  void add(const PeriodResult& result, bool is_right) {
    const auto bin = static_cast<std::size_t>(
        std::upper_bound(kEdges.begin(), kEdges.end(), result.period_probability) - kEdges.begin());
    ++n_[bin];
    right_[bin] += is_right;
  }
  void print() const {
    fmt::print("  right of those with a probability of");
    for (std::size_t bin = 0; bin < n_.size(); ++bin) {
      if (n_[bin] == 0) continue;
      fmt::print("   {:.1f} to {:.2f}: {:5.1f} % of {}", bin > 0 ? kEdges[bin - 1] : 0.0,
                 bin < kEdges.size() ? kEdges[bin] : 1.0, 100.0 * right_[bin] / n_[bin], n_[bin]);
    }
    fmt::print("\n");
  }

 private:
  static constexpr std::array kEdges{0.3, 0.5, 0.7, 0.9, 0.99};
  std::array<int, kEdges.size() + 1> n_{}, right_{};
};

bool is_near(double a, double b) {
  return std::fabs(a / b - 1) < 1e-3;
}

void stripe82(const std::filesystem::path& directory) {
  const auto catalogue = read_rows(directory / "periods.csv");
  fmt::print("\nStripe 82 RR Lyrae: {} stars, 0.05 to 100 d, within 0.1 % of the catalogue\n",
             catalogue.size());
  for (const std::string bands : {"g", "u", "r", "i", "z", "gr", "gri", "ugriz"}) {
    Timer timer;
    Reliability reliability;
    int right = 0, doubled = 0;
    for (const auto& row : catalogue) {
      Observations o;
      for (const auto& cells : read_rows(directory / "light_curves" / (row[0] + ".csv"))) {
        const std::size_t band = bands.find(cells[3]);
        if (band == std::string::npos) continue;
        o.time.push_back(std::stod(cells[0]));
        o.mag.push_back(std::stod(cells[1]));
        o.mag_err.push_back(std::stod(cells[2]));
        o.band.push_back(static_cast<std::uint8_t>(band));
      }
      const PeriodResult r = timer.search(o, {.period_max = 100});
      right += is_near(r.period, std::stod(row[2]));
      reliability.add(r, is_near(r.period, std::stod(row[2])));
      doubled += r.doubled;
    }
    const auto n = static_cast<double>(catalogue.size());
    fmt::print("  {:6} right {:5.1f} %   doubled {:4.1f} %   {:5.1f} ms a star\n", bands, 100 * right / n,
               100 * doubled / n, timer.milliseconds());
    reliability.print();
  }
}

double bump(double phase, double width) {
  const double distance = phase - std::round(phase);
  return std::exp(-0.5 * distance * distance / (width * width));
}

struct Shape {
  const char* name;
  double ellipsoidal, width;  ///< mag; phase
  double primary, secondary;  ///< mag
  double period_low, period_high;
};

/// N observations in nightly windows of 0.3 d over 1500 d.
void simulated(int n_stars) {
  const std::vector<Shape> shapes{
      {"EW, minima differ by 0.05 mag", 0.12, 0.060, 0.28, 0.23, 0.22, 0.8},
      {"EW, minima differ by 0.10 mag", 0.12, 0.060, 0.30, 0.20, 0.22, 0.8},
      {"EW, equal minima", 0.12, 0.060, 0.25, 0.25, 0.22, 0.8},
      {"EB, 0.6 and 0.3 mag", 0.06, 0.050, 0.50, 0.20, 0.4, 5},
      {"EA, 0.7 and 0.3 mag, 8 % of the orbit each", 0.01, 0.020, 0.70, 0.30, 0.8, 10},
      {"EA, 0.7 and 0.1 mag, 4 % of the orbit each", 0.0, 0.010, 0.70, 0.10, 0.8, 10},
      {"EA, 1.2 mag, no secondary, 4 % of the orbit", 0.0, 0.010, 1.20, 0.0, 0.8, 10},
      {"EA, 0.5 mag twice, 4 % of the orbit each", 0.0, 0.010, 0.50, 0.50, 0.8, 10}};
  Reliability reliability;
  fmt::print("\nSimulated binaries, {} stars a row, 200 observations over 1500 d, within 0.1 %\n", n_stars);
  for (const double noise : {0.02, 0.04}) {
    for (const Shape& shape : shapes) {
      std::mt19937_64 rng(17);
      std::uniform_real_distribution<double> uniform(0, 1);
      std::normal_distribution<double> normal(0, noise);
      Timer timer;
      int right = 0, half = 0, twice = 0;
      for (int star = 0; star < n_stars; ++star) {
        const double period = shape.period_low * std::pow(shape.period_high / shape.period_low, uniform(rng));
        const double epoch = uniform(rng);
        Observations o;
        for (int i = 0; i < 200; ++i) {
          const double t = std::floor(1500 * uniform(rng)) + 0.3 * uniform(rng);
          const double phase = t / period + epoch;
          const double mag = shape.ellipsoidal * std::cos(4 * std::numbers::pi * phase) +
                             shape.primary * bump(phase, shape.width) +
                             shape.secondary * bump(phase - 0.5, shape.width);
          o.time.push_back(2457000 + t);
          o.mag.push_back(14 + mag + normal(rng));
          o.mag_err.push_back(noise);
        }
        const PeriodResult r = timer.search(o, {});
        right += is_near(r.period, period);
        reliability.add(r, is_near(r.period, period));
        half += is_near(2 * r.period, period);
        twice += is_near(r.period, 2 * period);
      }
      const double percent = 100.0 / n_stars;
      fmt::print("  noise {:.2f}  {:45} right {:5.1f} %   half {:5.1f} %   twice {:5.1f} %   {:5.1f} ms\n",
                 noise, shape.name, percent * right, percent * half, percent * twice, timer.milliseconds());
    }
  }
  reliability.print();
}

/// A sawtooth of 0.86 mag and skewness -1 that rises in 28 % of its period.
double sawtooth(double phase) {
  double mag = 0;
  for (int k = 1; k <= 6; ++k) {
    mag += std::pow(0.55, k) * std::sin(2 * std::numbers::pi * k * phase + 0.3 * k + 0.8);
  }
  return -0.55 * mag;
}

void pulsators(int n_stars) {
  struct Kind {
    const char* name;
    double low, high;  ///< days
  };
  fmt::print("\nSimulated pulsators of 0.86 mag, {} stars a row, over 1500 d, noise 0.05 mag, within 0.1 %\n",
             n_stars);
  for (const std::size_t n : {std::size_t{200}, std::size_t{40}, std::size_t{20}}) {
    for (const Kind& kind : {Kind{"RRab", 0.4, 0.9}, Kind{"BL Her", 1, 2.5}, Kind{"Cepheids", 3, 30}}) {
      std::mt19937_64 rng(29);
      std::uniform_real_distribution<double> uniform(0, 1);
      std::normal_distribution<double> normal(0, 0.05);
      Timer timer;
      Reliability reliability;
      int right = 0;
      for (int star = 0; star < n_stars; ++star) {
        const double period = kind.low * std::pow(kind.high / kind.low, uniform(rng)), epoch = uniform(rng);
        Observations o;
        for (std::size_t i = 0; i < n; ++i) {
          const double t = std::floor(1500 * uniform(rng)) + 0.3 * uniform(rng);
          o.time.push_back(2457000 + t);
          o.mag.push_back(14 + sawtooth(t / period + epoch) + normal(rng));
          o.mag_err.push_back(0.05);
        }
        const PeriodResult r = timer.search(o, {});
        right += is_near(r.period, period);
        reliability.add(r, is_near(r.period, period));
      }
      fmt::print("  {:3} observations  {:9} right {:5.1f} %\n", n, kind.name, 100.0 * right / n_stars);
      reliability.print();
    }
  }
}

struct UsualPeriods {
  double low, high;  ///< days
};

void asas3(const std::filesystem::path& directory, std::size_t every) {
  const std::map<std::string, UsualPeriods> usual{
      {"RRAB", {0.4, 0.9}}, {"RRC", {0.2, 0.45}}, {"M", {80, 1000}},     {"EW", {0.2, 1.5}},
      {"EB", {0.3, 10}},    {"EA", {0.5, 30}},    {"DSCT", {0.05, 0.3}}, {"ROT", {0.3, 100}}};
  std::map<std::string, std::string> label;
  for (const auto& row : read_rows(directory / "asas3_train_labels.csv")) label[row[0]] = row[1];
  std::vector<std::pair<std::string, Observations>> stars;
  for (const auto& cells : read_rows(directory / "asas3_train.csv.gz")) {
    if (stars.empty() || stars.back().first != cells[0]) stars.push_back({cells[0], {}});
    Observations& o = stars.back().second;
    o.time.push_back(std::stod(cells[1]));
    o.mag.push_back(std::stod(cells[2]));
    o.mag_err.push_back(std::stod(cells[3]));
  }
  struct Count {
    int n = 0, usual = 0, doubled = 0, near_day = 0, at_limit = 0, uncertain = 0;
    Reliability reliability;
    std::vector<double> periods;
  };
  std::map<std::string, Count> counts;
  Timer timer;
  Reliability all;
  for (std::size_t i = 0; i < stars.size(); i += every) {
    const std::string& name = label[stars[i].first];
    const PeriodResult r = timer.search(stars[i].second, {});
    Count& c = counts[name];
    ++c.n;
    const bool is_usual = r.period > usual.at(name).low && r.period < usual.at(name).high;
    c.usual += is_usual;
    c.reliability.add(r, is_usual);
    all.add(r, is_usual);
    c.at_limit += r.flags.has(Flag::period_at_limit);
    c.uncertain += r.flags.has(Flag::uncertain_period);
    c.doubled += r.doubled;
    c.near_day += std::fabs(1 / r.period - 1) < 0.01;
    c.periods.push_back(r.period);
  }
  fmt::print("\nASAS-3, {} stars, {:.1f} ms a star\n", timer.n, timer.milliseconds());
  for (auto& [name, c] : counts) {
    std::sort(c.periods.begin(), c.periods.end());
    const auto at = [&](double q) { return c.periods[static_cast<std::size_t>(q * (c.n - 1))]; };
    fmt::print(
        "  {:5} {:5}  in {:5.2f}..{:<6.1f} d {:5.1f} %   doubled {:5.1f} %   within 1 % of 1 d {:4.1f} %"
        "   5 50 95 percentile {:8.3f} {:8.3f} {:8.3f} d\n",
        name, c.n, usual.at(name).low, usual.at(name).high, 100.0 * c.usual / c.n, 100.0 * c.doubled / c.n,
        100.0 * c.near_day / c.n, at(0.05), at(0.5), at(0.95));
    fmt::print("        at the limit {:.1f} %, uncertain {:.1f} %", 100.0 * c.at_limit / c.n,
               100.0 * c.uncertain / c.n);
    c.reliability.print();
  }
  fmt::print("  all classes:");
  all.print();
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path data = "../shared/data";
  std::size_t every = 1;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--every" && i + 1 < argc) {
      every = static_cast<std::size_t>(std::max(1, std::atoi(argv[++i])));
    } else if (std::string(argv[i]) == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else if (argv[i][0] != '-') {  // tools/bench.sh hands the other benchmarks' options to all
      data = argv[i];
    }
  }
  const auto is_wanted = [&](const char* table) { return only.empty() || only == table; };
  if (is_wanted("binaries")) simulated(static_cast<int>(200 / every) + 1);
  if (is_wanted("pulsators")) pulsators(static_cast<int>(400 / every) + 1);
  if (!std::filesystem::exists(data / "s82_rrlyrae")) {
    fmt::print("{}: no such folder; the tables of real stars are left out\n",
               (data / "s82_rrlyrae").string());
    return 0;
  }
  if (is_wanted("stripe82")) stripe82(data / "s82_rrlyrae");
  if (is_wanted("asas3")) asas3(data, every);
  return 0;
}
