// SPDX-License-Identifier: MIT
//
// Embeds the light curves of one file and prints the start of each embedding: embed_one CHECKPOINT FILE
#include <astrom3/astrom3.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 3) throw astrom3::Error(astrom3::Status::usage, "embed_one CHECKPOINT FILE");
  const astrom3::Encoder encoder(astrom3::load_checkpoint(argv[1]));  // any number of threads may share it
  astrom3::SourceOptions input;
  input.band = "V";
  astrom3::ObjectOptions options;
  options.tensor.n_steps = static_cast<std::size_t>(encoder.config().seq_len);
  options.scaling = encoder.checkpoint().scaling.value_or(astrom3::published_scaling());

  const auto source = astrom3::open_source({argv[2]}, input);
  astrom3::SourceObject star;
  astrom3::ObjectResult result;
  while (source->next(star)) {
    if (star.rejection) throw astrom3::Error(*star.rejection);  // the file could not be read
    astrom3::embed_object(star.light_curve, options, {}, astrom3::Stage::embedding, &encoder, false, result);
    std::cout << star.object_id << ": " << astrom3::status_name(result.status);
    if (result.status == astrom3::Status::ok) std::cout << ", e0 = " << result.mean[0];
    std::cout << '\n';
  }
} catch (const astrom3::Error& error) {
  std::cerr << error.what() << '\n';
  return astrom3::exit_code(error.code());
}
