"""Makes the PyTorch wheel of PyPI importable without NVIDIA's libraries.

PyPI's only x86-64 Linux wheels are linked against about 2 GB of CUDA libraries, of which a CPU run calls nothing. This
writes empty libraries of the same names and symbols beside torch's own; every function returns cudaErrorNoDevice, so
torch finds no GPU and computes on the CPU with the very code of the wheel. Linker bookkeeping, no change to torch.

Usage: python cuda_stubs.py <directory torch/lib>
"""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

NO_DEVICE = 100
NVIDIA = re.compile(r"lib(cu|nv|nccl)")
NVIDIA_SYMBOL = re.compile(r"(__)?(cu|nv|nccl)\w+$")


def lines_of(*command: str) -> list[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def needed(library: Path) -> set[str]:
    found = (re.search(r"\(NEEDED\).*\[(.+)\]", line) for line in lines_of("readelf", "-dW", str(library)))
    return {match[1] for match in found if match and NVIDIA.match(match[1])}


def version_files(library: Path) -> dict[str, str]:
    """Which library each symbol version is asked of."""
    files: dict[str, str] = {}
    file = ""
    for line in lines_of("readelf", "-VW", str(library)):
        if match := re.search(r"Version: \d+\s+File: (\S+)", line):
            file = match[1]
        elif match := re.search(r"Name: (\S+)\s+Flags: .*Version: \d+", line):
            files[match[1]] = file
    return files


def undefined(library: Path) -> list[tuple[str, str]]:
    """Names and versions (or "") of the symbols asked of other libraries."""
    rows = (line.split() for line in lines_of("readelf", "--dyn-syms", "-W", str(library)))
    names = (row[7] for row in rows if len(row) >= 8 and row[6] == "UND")
    return [(name, version) for name, _, version in (name.partition("@") for name in names)]


def build(target: Path, symbols: dict[str, set[str]]) -> None:
    """Compiles a library `target` with the symbols of each version."""
    names = {name for group in symbols.values() for name in group}
    source = "".join(f"int {name}(void) {{ return {NO_DEVICE}; }}\n" for name in sorted(names))
    versions = "".join(
        f"{version} {{ global: {'; '.join(sorted(group))}; }};\n" for version, group in symbols.items() if version
    )
    script = target.with_suffix(".map")
    script.write_text(versions)
    options = [f"-Wl,-soname,{target.name}"] + ([f"-Wl,--version-script={script}"] if versions else [])
    command = ["cc", "-shared", "-fPIC", "-fno-builtin", "-w", "-x", "c", "-", "-o", str(target), *options]
    subprocess.run(command, input=source, check=True, text=True)
    script.unlink()


def main(directory: Path) -> None:
    libraries: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    unversioned: set[str] = set()
    for library in sorted(directory.glob("lib*.so")):
        files = version_files(library)
        for name in needed(library):
            libraries[name] |= {}
        for name, version in undefined(library):
            version = version.split()[0].lstrip("@") if version else ""
            if NVIDIA.match(files.get(version, "")):
                libraries[files[version]][version].add(name)
            elif not version and NVIDIA_SYMBOL.match(name):
                unversioned.add(name)
    # A symbol without a version may come from any library in scope, and the CUDA run time always is.
    libraries[next(name for name in libraries if name.startswith("libcudart."))][""] = unversioned
    for name, symbols in libraries.items():
        build(directory / name, symbols)
    print(f"{len(libraries)} empty CUDA libraries in {directory}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
