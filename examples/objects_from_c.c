/* SPDX-License-Identifier: MIT
 *
 * Embeds an object by its spectrum and its row of metadata: objects_from_c CHECKPOINT SPECTRUM SCALING
 */
#include <astrom3/c_api/modalities.h>
#include <stdio.h>
#include <stdlib.h>

static int failed(const char* what) {
  fprintf(stderr, "%s: %s\n", what, astrom3_last_error());
  return EXIT_FAILURE;
}

int main(int argc, char** argv) {
  if (argc != 4) return EXIT_FAILURE;
  astrom3_model* model = NULL;
  if (astrom3_model_open(argv[1], NULL, NULL, NULL, 0, NULL, &model)) return failed("model");
  astrom3_model_space space = {.struct_size = sizeof space};
  if (astrom3_model_describe_space(model, &space)) return failed("model");

  astrom3_spectra* spectra = NULL; /* a list; a file may hold many spectra */
  if (astrom3_spectra_open(&spectra) || astrom3_spectra_read(spectra, argv[2], NULL))
    return failed("spectra");
  astrom3_spectrum first = {.struct_size = sizeof first};
  if (astrom3_spectra_get(spectra, 0, &first)) return failed("spectra");

  /* Columns that the checkpoint does not read are left alone; those that are missing are named. */
  const double parallax[] = {0.7561};
  const astrom3_column columns[] = {{"parallax", parallax, ASTROM3_FLOAT64, NULL, 0}};
  const char* const ids[] = {first.object_id};
  astrom3_metadata* metadata = NULL;
  if (astrom3_metadata_from_columns(model, 1, columns, 1, ids, argv[3], NULL, &metadata))
    printf("no metadata: %s\n", astrom3_last_error());

  astrom3_objects_input input;
  astrom3_objects_input_init(&input);
  input.spectra = spectra;
  input.metadata = metadata;
  astrom3_objects* objects = NULL;
  if (astrom3_embed_objects(model, &input, &objects)) return failed("embed");
  for (size_t i = 0; i < astrom3_objects_size(objects); ++i) {
    astrom3_object object = {.struct_size = sizeof object};
    if (astrom3_objects_get(objects, i, &object)) return failed("objects");
    const float* e =
        object.embeddings[ASTROM3_SPECTRA]; /* [space.embedding_size], NULL where there is none */
    printf("%s: %s, e0 = %g\n", object.object_id, astrom3_status_name(object.status), e ? e[0] : 0);
  }

  astrom3_objects_close(objects);
  astrom3_metadata_close(metadata);
  astrom3_spectra_close(spectra);
  astrom3_model_close(model);
  return EXIT_SUCCESS;
}
