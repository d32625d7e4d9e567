// SPDX-License-Identifier: MIT
//
// The end of a run as JSON, for batch systems and summary.json.
#include <nlohmann/json.hpp>

#include "astrom3/pipeline.h"

namespace astrom3 {

std::string summary_json(const RunSummary& summary, std::string_view output, const Identity& identity) {
  nlohmann::ordered_json json;
  json["output"] = output;
  json["objects"] = summary.n_objects;
  json["ok"] = summary.n_ok;
  json["rejected"] = nlohmann::ordered_json::object();
  for (const auto& [status, count] : summary.rejected)
    json["rejected"][std::string(status_name(status))] = count;
  json["observations"] = summary.n_observations;
  json["dropped"] = {{"nonfinite", summary.dropped.nonfinite},
                     {"missing", summary.dropped.missing},
                     {"upper_limits", summary.dropped.upper_limits},
                     {"null_values", summary.dropped.null_values},
                     {"quality", summary.dropped.quality},
                     {"other_bands", summary.dropped.other_bands},
                     {"duplicates", summary.n_duplicates}};
  json["wall_seconds"] = summary.wall_seconds;
  const StageSeconds& s = summary.seconds;
  json["stage_seconds"] = {{"read", s.read},     {"clean", s.clean},     {"features", s.features},
                           {"tensor", s.tensor}, {"encoder", s.encoder}, {"write", s.write}};
  for (const auto& [key, value] : identity) json["identity"][key] = value;
  json["warnings"] = nlohmann::ordered_json::array();
  for (const Diagnostic& warning : summary.warnings)
    json["warnings"].push_back(to_string(warning, "warning"));
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace astrom3
