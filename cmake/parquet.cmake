# The Parquet module (src/formats/parquet): a shared object that the library loads when a Parquet
# file is read or written. See that folder for its one entry point.
