// SPDX-License-Identifier: MIT
//
// Embeds objects by their light curves and spectra, joined by id: embed_objects CHECKPOINT LIGHT_CURVES
// SPECTRUM
#include <astrom3/astrom3.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 4)
    throw astrom3::Error(astrom3::Status::usage, "embed_objects CHECKPOINT LIGHT_CURVES SPECTRUM");
  const auto checkpoint = astrom3::load_multimodal_checkpoint(argv[1]);
  astrom3::EncoderOptions how;
  how.attention.form = astrom3::default_attention(*checkpoint);  // that of the checkpoint's training
  const astrom3::MultimodalEncoder encoder(checkpoint, how);

  const auto light_curves = astrom3::open_source({argv[2]}, {});
  astrom3::ModalitySources sources;
  sources.light_curves = light_curves.get();
  sources.object.tensor.n_steps = static_cast<std::size_t>(checkpoint->config.photo.seq_len);
  sources.object.scaling = astrom3::scaling_called("checkpoint", checkpoint->photo.get());
  sources.spectra = {argv[3]};  // and spectra_in_memory for those that are not in files
  astrom3::embed_modalities(
      sources, encoder, {},
      [](const astrom3::MultimodalRow& row) {
        std::cout << row.object_id << ": " << astrom3::status_name(row.status);
        for (const astrom3::Modality modality : row.modalities)
          std::cout << ' ' << astrom3::modality_name(modality);
        for (const astrom3::Diagnostic& reason : row.rejections) std::cout << "; " << reason.message;
        std::cout << '\n';
      },
      nullptr);
} catch (const astrom3::Error& error) {
  std::cerr << error.what() << '\n';
  return astrom3::exit_code(error.code());
}
