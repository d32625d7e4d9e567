# What astrom3 links, found where the user has it (Debian, conda-forge, ...). Nothing is downloaded.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)           # gzip light curves
find_package(zstd REQUIRED)           # Zstandard light curves
find_package(OpenSSL REQUIRED COMPONENTS Crypto)  # SHA-256 of checkpoints, at the CPU's speed
find_package(fmt REQUIRED)            # messages: GCC 12 has no <format>
find_package(nlohmann_json REQUIRED)  # config.json, safetensors headers, reject files
