#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`pip install .` of the tree into an empty environment gives the package and the command.

test_wheel.py SOURCE WORK: needs scikit-build-core, CMake and Ninja; ends with 77 (skipped) without them.
"""

import hashlib
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

SYSTEM = {  # what a wheel may need of the system it is installed on
    "linux-vdso.so.1", "libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libz.so.1", "libcrypto.so.3",
    "libssl.so.3", "libcurl.so.4", "libdl.so.2", "libpthread.so.0", "ld-linux-x86-64.so.2",
}  # fmt: skip

MODULES = ("lib/libastrom3_c.so", "lib/astrom3_parquet.so", "lib/astrom3_hub.so", "bin/astrom3")

BUNDLED = tuple(f"share/astrom3/models/vstars4/{name}" for name in ("config.json", "model.safetensors", "MODEL_CARD.md"))

CHECK = """
import sys, numpy as np, astrom3
assert astrom3.__file__.startswith(sys.prefix), astrom3.__file__
model = astrom3.AstroM3()
assert model.path.startswith(sys.prefix) and model.sha256 == sys.argv[1], (model.path, model.sha256)
time = np.arange(50.0)
assert model(time, np.sin(time), np.full(50, 0.1)).shape == (model.width,)
print(astrom3.__version__)
"""


def run(*command, **options):
    found = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if found.returncode:
        sys.exit(f"{command}\nended with {found.returncode}\n{found.stdout}\n{found.stderr}")
    return found.stdout


def clean_copy(source, folder):
    """What a clone would hold."""
    names = run("git", "-C", source, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in names:
        if (source / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, folder / name)


def check_wheel(wheel, work):
    assert wheel.name.split("-")[2:4] == ["py3", "none"], wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(work / "unpacked")
    for name in ("py.typed", "model.py", *MODULES, *BUNDLED):
        name = f"astrom3/{name}"
        assert name in names, f"{name} is not in {wheel.name}"
    unexpected = [name for name in names if not name.startswith(("astrom3/", "astrom3-"))]
    assert not unexpected, unexpected
    for name in MODULES:
        listing = run("readelf", "-d", work / "unpacked" / "astrom3" / name)
        needed = {line.split("[")[1].split("]")[0] for line in listing.splitlines() if "(NEEDED)" in line}
        assert needed <= SYSTEM, f"{name} needs {sorted(needed - SYSTEM)}"


def check_audit(wheel, unpacked, source):
    """What auditwheel finds a wheel to need of others; the documentation names what is not part of every system."""
    if importlib.util.find_spec("auditwheel") is None:
        print("skipped: auditwheel is not installed; `make setup` does")
        return
    def libraries(text):
        return set(re.findall(r"\b[\w+.-]+\.so(?:\.\d+)*", text)) - {pathlib.PurePath(name).name for name in MODULES}

    found = libraries(run(sys.executable, "-m", "auditwheel", "show", wheel))
    # It follows what the system's own libraries need, too: that of libcurl is a long list.
    (hub,) = (module for module in MODULES if module.endswith("hub.so"))
    of_curl = libraries(run("ldd", unpacked / "astrom3" / hub))
    assert "libc.so.6" in found and found <= SYSTEM | of_curl, sorted(found - SYSTEM - of_curl)
    assert not [name for name in found - of_curl if re.match(r"lib(arrow|parquet|onnx|protobuf|fmt|zstd)\b", name)]
    page = (source / "docs" / "python.md").read_text(encoding="utf-8")
    for library in ("zlib", "OpenSSL", "libcurl"):
        assert library in page, f"docs/python.md does not name {library}"


def check_extra(source):
    """Parquet's module takes its symbols from the pyarrow it was built with: the extra must ask for that one."""
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))
    (built_with,) = (need for need in project["build-system"]["requires"] if need.startswith("pyarrow"))
    assert project["project"]["optional-dependencies"]["parquet"] == [built_with]


def check_command(environment, source, work):
    """Parquet with pyarrow, a word about it without; a hub that cannot be reached is no missing module."""
    star = source / "examples" / "asassn_like" / "SIM-RRAB-1.dat"
    command = environment / "bin" / "astrom3"
    run(command, "features", star, "--band", "V", "-o", work / "features.parquet", cwd=work)
    bare = next((environment / "lib").glob("python*/site-packages/astrom3/bin/astrom3"))
    system = {**os.environ, "LD_LIBRARY_PATH": "", "HF_HOME": str(work / "hub"), "HF_ENDPOINT": "http://127.0.0.1:1",
              "ASTROM3_HUB_RETRY_SECONDS": "0.01"}  # fmt: skip
    refused = subprocess.run([bare, "features", star, "--band", "V", "-o", work / "no.parquet"], capture_output=True,
                             text=True, env=system)  # fmt: skip
    assert refused.returncode == 6 and "astrom3[parquet]" in refused.stderr, (refused.returncode, refused.stderr)
    alone = subprocess.run([command, "fetch", "org/model"], capture_output=True, text=True, env=system)
    assert alone.returncode == 7 and "module" not in alone.stderr, (alone.returncode, alone.stderr)


def main():
    source, work = map(pathlib.Path, sys.argv[1:])
    if importlib.util.find_spec("scikit_build_core") is None:
        print("skipped: scikit-build-core is not installed")
        return 77
    shutil.rmtree(work, ignore_errors=True)
    (work / "clone").mkdir(parents=True)
    clean_copy(source, work / "clone")
    # The same folders below the clone as below the tree, so that a compiler cache knows what the build has compiled.
    python = pathlib.Path(sys.executable)
    if pathlib.Path(sys.prefix) == source / ".venv":
        (work / "clone" / ".venv").symlink_to(sys.prefix)
        python = work / "clone" / ".venv" / python.relative_to(sys.prefix)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", work / "wheel", work / "clone")
    (wheel,) = (work / "wheel").glob("*.whl")
    check_wheel(wheel, work)
    check_audit(wheel, work / "unpacked", source)
    check_extra(source)

    run(sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", work / "environment")
    site = run(work / "environment/bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    import numpy

    pathlib.Path(site, "numpy.pth").write_text(str(pathlib.Path(numpy.__file__).parents[1]))
    run(*pip, "--python", work / "environment/bin/python", "install", "--no-deps", "--no-index", wheel)
    bundled = hashlib.sha256((source / "models/vstars4/model.safetensors").read_bytes()).hexdigest()
    for name in ("ASTROM3_MODEL", "ASTROM3_LIBRARY"):  # the wheel's own are tested, not those of the build tree
        os.environ.pop(name, None)
    version = run(work / "environment/bin/python", "-c", CHECK, bundled, cwd=work).strip()
    assert version in run(work / "environment/bin/astrom3", "--version", cwd=work)
    assert bundled in run(work / "environment/bin/python", "-m", "astrom3", "info", cwd=work)
    check_command(work / "environment", source, work)
    print(f"{wheel.name} installs and works")
    return 0


if __name__ == "__main__":
    sys.exit(main())
