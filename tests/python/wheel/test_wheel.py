#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`pip install .` of the tree into an empty environment gives the package and the command.

test_wheel.py SOURCE WORK: needs scikit-build-core, CMake and Ninja; ends with 77 (skipped) without them.
"""

import importlib.util
import pathlib
import shutil
import subprocess
import sys
import zipfile

SYSTEM = {  # what a wheel may need of the system it is installed on
    "linux-vdso.so.1", "libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libz.so.1", "libcrypto.so.3",
    "libssl.so.3", "libcurl.so.4", "libdl.so.2", "libpthread.so.0", "ld-linux-x86-64.so.2",
}  # fmt: skip

CHECK = """
import sys, numpy as np, astrom3
assert astrom3.__file__.startswith(sys.prefix), astrom3.__file__
model = astrom3.AstroM3(sys.argv[1])
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
    for name in ("astrom3/py.typed", "astrom3/lib/libastrom3_c.so", "astrom3/bin/astrom3", "astrom3/model.py"):
        assert name in names, f"{name} is not in {wheel.name}"
    unexpected = [name for name in names if not name.startswith(("astrom3/", "astrom3-"))]
    assert not unexpected, unexpected
    for name in ("lib/libastrom3_c.so", "bin/astrom3"):
        listing = run("readelf", "-d", work / "unpacked" / "astrom3" / name)
        needed = {line.split("[")[1].split("]")[0] for line in listing.splitlines() if "(NEEDED)" in line}
        assert needed <= SYSTEM, f"{name} needs {sorted(needed - SYSTEM)}"


def main():
    source, work = map(pathlib.Path, sys.argv[1:])
    if importlib.util.find_spec("scikit_build_core") is None:
        print("skipped: scikit-build-core is not installed")
        return 77
    shutil.rmtree(work, ignore_errors=True)
    (work / "clone").mkdir(parents=True)
    clean_copy(source, work / "clone")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", work / "wheel", work / "clone")
    (wheel,) = (work / "wheel").glob("*.whl")
    check_wheel(wheel, work)

    run(sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", work / "environment")
    site = run(work / "environment/bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    import numpy

    pathlib.Path(site, "numpy.pth").write_text(str(pathlib.Path(numpy.__file__).parents[1]))
    run(*pip, "--python", work / "environment/bin/python", "install", "--no-deps", "--no-index", wheel)
    golden = source / "tests" / "golden" / "tiny"
    version = run(work / "environment/bin/python", "-c", CHECK, golden, cwd=work).strip()
    assert version in run(work / "environment/bin/astrom3", "--version", cwd=work)
    run(work / "environment/bin/python", "-m", "astrom3", "info", "--model", golden, cwd=work)
    print(f"{wheel.name} installs and works")
    return 0


if __name__ == "__main__":
    sys.exit(main())
