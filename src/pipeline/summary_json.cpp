// SPDX-License-Identifier: MIT
//
// The end of a run as JSON, for batch systems and _summary.json.
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "formats/json_writer.h"
#include "pipeline/drop_counts_json.h"
#include "sink/identity.h"

namespace astrom3 {

std::string summary_json(const RunSummary& summary, std::string_view output, const Identity& identity) {
  JsonWriter json(JsonLayout::block);
  json.begin_object()
      .member("output", output)
      .member("objects", summary.n_objects)
      .member("ok", summary.n_ok);
  json.key("rejected").begin_object();
  for (const auto& [status, count] : summary.rejected) json.member(status_name(status), count);
  json.end();
  if (!summary.modalities.empty()) json.key("modalities").object(summary.modalities);
  json.member("observations", summary.n_observations);
  add_members(json.key("dropped").begin_object(), summary.dropped);
  json.member("duplicates", summary.n_duplicates).end();
  const StageSeconds& seconds = summary.seconds;
  json.member("wall_seconds", summary.wall_seconds)
      .key("stage_seconds")
      .begin_object()
      .member("read", seconds.read)
      .member("clean", seconds.clean)
      .member("features", seconds.features)
      .member("tensor", seconds.tensor)
      .member("encoder", seconds.encoder)
      .member("write", seconds.write)
      .end();
  write_identity(json.key("identity"), identity);
  json.key("warnings").begin_array();
  for (const Diagnostic& warning : summary.warnings) json.value(to_string(warning, "warning"));
  return json.end().end().take();
}

}  // namespace astrom3
