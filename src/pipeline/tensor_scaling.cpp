// SPDX-License-Identifier: MIT
#include "pipeline/tensor_scaling.h"

#include "features/scaling_file.h"
#include "formats/json_writer.h"
#include "metadata/scaling_text.h"

namespace astrom3 {

std::string TensorScaling::text() const {
  JsonWriter json(JsonLayout::block);
  json.begin_object();
  if (photo) write_members(json, *photo);
  if (spectra) {
    json.key("spectra").begin_object(JsonLayout::line);
    json.member("start", spectra->start).member("step", spectra->step).member("size", spectra->size);
    json.member("error", "ivar").end();
  }
  if (metadata) write_members(json.key("metadata").begin_object(), *metadata).end();
  return json.end().take() + '\n';
}

}  // namespace astrom3
