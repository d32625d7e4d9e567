# The front door: each target installs what is missing, builds in its own folder, and is quick when repeated.
#   make demo     embed the bundled light curves and print a table
#   make test     build everything and run every test
# `make help` lists the rest. On a Debian-like system packages are installed with apt as root, or the
# exact apt line is printed; SETUP=skip uses what is there.

SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: help setup build demo test docs bench cluster train studies fuzz torture asan tsan tidy format fresh arm64 macos wasm clean

RUNS ?= 10000000
KILLS ?= 1000
FAULTS ?= 50
OBJECTS ?= 1000000
RELEASE := build/release

# "product" = the library, the command and the Parquet module, without the tests.
define configure_release
	@cmake --preset release $(1) > $(RELEASE).log 2>&1 || { cat $(RELEASE).log >&2; exit 1; }
	@sed -n 's/^-- without/astrom3: without/p' $(RELEASE).log >&2
endef

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what `make test` needs and nothing else
	@tools/setup.sh test

build: | build/ ## Build the command: build/release/bin/astrom3
	@tools/setup.sh build
	$(call configure_release)
	@cmake --build --preset release --target product

demo: build ## Embed the example stars and print a table
	@tools/demo.sh

test: | build/ ## Build everything and run every test
	@tools/setup.sh test
	@cmake --workflow --preset release

docs: build ## Build the documentation site and say where it is
	@tools/setup.sh docs
	@.venv-docs/bin/python tools/docs/build.py $(RELEASE)/bin/astrom3 build/site

bench: | build/ ## Build and run the benchmarks
	@tools/setup.sh bench
	$(call configure_release,-DASTROM3_BUILD_BENCH=ON)
	@cmake --build --preset release
	@tools/bench.sh $(RELEASE)

cluster: build ## Test Spark, Ray and vector databases, real ones on this machine (installs them: 1 GB)
	@tools/setup.sh cluster
	@cmake --preset release > /dev/null && ctest --preset release -R '^python\.(spark|ray|readers|light_curve_embed|lightkurve|starembed)$$|^docs\.blocks/docs/(spark|databases)'

train: build ## Train the bundled checkpoint from real light curves: make train DATA=DIR
	@tools/train_stars.sh $(or $(DATA),$(error DATA=DIR is needed, see tools/train_stars.sh))

studies: build ## What a checkpoint's embeddings depend on, on real stars: make studies DATA=DIR [MODEL=DIR]
	@tools/run_studies.py $(or $(DATA),$(error DATA=DIR is needed, see tools/run_studies.py)) $(or $(MODEL),models/vstars4)

asan: | build/ ## Run the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/setup.sh sanitize
	@cmake --workflow --preset asan

tsan: | build/ ## Run the tests under ThreadSanitizer
	@tools/setup.sh sanitize
	@cmake --workflow --preset tsan

fuzz: | build/ ## Run every fuzz target on RUNS inputs (default 10 million)
	@tools/setup.sh sanitize
	@tools/fuzz_campaign.sh $(RUNS)

torture: build ## Kill, fail and fill runs; soak; large files in SCRATCH (needs strace and 11 GB; hours)
	@.venv/bin/python tests/torture/kill_and_resume.py --kills $(KILLS)
	@tests/torture/part_faults.py
	@tests/torture/lost_outputs.py
	@.venv/bin/python tests/torture/hostile_folders.py
	@tests/torture/output_faults.py examples/asassn_like/SIM-RRAB-1.dat examples/asassn_like/SIM-DSCT-1.dat
	@.venv/bin/python tests/torture/damaged_parquet.py
	@.venv/bin/python tests/torture/parquet_types.py
	@.venv/bin/python tests/torture/soak.py --objects $(OBJECTS)
	@tests/torture/network_faults.sh $(FAULTS)
	@.venv/bin/python tests/torture/large_files.py $(SCRATCH)

tidy: | build/ ## Run clang-tidy over the sources
	@tools/setup.sh tidy
	@tools/tidy.sh

format: ## Format every source file in place
	@tools/setup.sh test
	@git ls-files '*.cpp' '*.h' | xargs .venv/bin/clang-format -i

fresh: ## Try demo and test on a new system, as root and as a user: make fresh SYSTEM=bookworm|trixie
	@tools/fresh.sh $(or $(SYSTEM),$(error SYSTEM=bookworm or SYSTEM=trixie is needed))

arm64: build ## Build for aarch64 Linux and test that under an emulator, bit for bit against this machine
	@tools/setup.sh arm64
	@tools/arm64.sh $(RELEASE)/bin/astrom3

macos: | build/ ## Compile and link for macOS, Apple silicon and x86-64; nothing is run
	@tools/setup.sh macos
	@tools/macos.sh

wasm: build ## Build the page that runs astrom3 in a browser: build/wasm/try
	@tools/setup.sh wasm
	@tools/wasm.sh $(RELEASE)/bin/astrom3

clean: ## Remove everything that was built (the Python environment stays)
	rm -rf build

build/:
	@mkdir -p build
