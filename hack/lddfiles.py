#!/usr/bin/env python3
"""Print what a dynamically linked program needs beside itself, as FILE=/path/in/image lines for hack/oci.py.

That is its loader and its shared libraries, each at the path where the loader looks for it in an image that
has no /etc/ld.so.cache.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

LOADER = re.compile(r"^\s*(?:\S+ => )?(/\S*/ld-linux\S*|/\S*/ld\.so\S*) \(0x", re.MULTILINE)
LIBRARY = re.compile(r"^\s*\S+ => (/.+) \(0x", re.MULTILINE)
MISSING = re.compile(r"^\s*(\S+) => not found", re.MULTILINE)


class Refused(Exception):
    """The list cannot be made; the message says why."""


def output_of(*command):
    # A search path of the caller does not exist in the image.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LD_")}
    done = subprocess.run(command, env={**environment, "LC_ALL": "C"}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def needed_by(binary):
    """The paths of the loader and the libraries, sorted."""
    program = os.path.abspath(binary)
    loader = LOADER.search(output_of("ldd", program))
    if not loader:
        raise Refused(f"{binary}: ldd names no loader; it needs no other file if it is linked statically")
    listed = output_of(loader[1], "--inhibit-cache", "--list", program)
    if missing := MISSING.findall(listed):
        raise Refused(f"{binary}: not found without /etc/ld.so.cache: {', '.join(missing)}; "
                      "link it statically or install it in a standard library directory")
    return sorted({loader[1], *LIBRARY.findall(listed)})


def main(arguments):
    if len(arguments) != 1:
        print("usage: lddfiles.py BINARY", file=sys.stderr)
        return 2
    try:
        for path in needed_by(arguments[0]):
            print(f"{Path(path).resolve()}={path}")
    except Refused as error:
        print(f"lddfiles.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
