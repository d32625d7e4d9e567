// SPDX-License-Identifier: MIT
//
// The period of a star, how well it stands, and what came second: find_period
#include <astrom3/features/period_search.h>

#include <cmath>
#include <iostream>
#include <vector>

int main() {
  std::vector<double> time, mag;
  for (int i = 0; i < 150; ++i) {
    time.push_back(3.1 * i + std::sin(7.0 * i));  // days
    mag.push_back(13.5 + 0.4 * std::sin(2 * 3.14159265 * time[i] / 0.5673));
  }
  const std::vector<double> mag_err(time.size(), 0.02);

  astrom3::PeriodResult found;
  const astrom3::Status status = astrom3::find_period(time, mag, mag_err, {}, found);
  if (status != astrom3::Status::ok) {
    std::cerr << astrom3::status_meaning(status) << '\n';
    return 1;
  }
  std::cout << "period " << found.period << " +- " << found.period_err << " d, runner-up "
            << found.alternates.front().period << " d\n";
}
