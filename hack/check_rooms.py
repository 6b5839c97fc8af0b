#!/usr/bin/python3
"""Checks what the compiler does not: who includes whom (doc/impl.md, "Rooms"), what decide/ may not know, and how long files are.

Links enforce the same arrows (controller/CMakeLists.txt), but an inline function in a header would slip through.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAY_INCLUDE = {
    "base": {"base"},
    "api": {"base", "api"},
    "wire": {"base", "wire"},
    "decide": {"base", "api", "decide"},
    "observe": {"base", "api", "wire", "decide", "observe"},
    "act": {"base", "api", "wire", "decide", "act"},
    "record": {"base", "api", "wire", "decide", "record"},
    "run": {"base", "api", "wire", "decide", "observe", "act", "record", "run"},
    "main.cpp": {"base", "wire", "run"},
}
INCLUDE = re.compile(r'^#include "([a-z_]+)/', re.M)
CPPREST = re.compile(r"#include <(cpprest|pplx)/")
NOT_IN_DECIDE = re.compile(r"\bnow\(\)|\bspdlog\b|\bmutex\b|\brand\b|\bgetenv\b|#include <(thread|iostream|fstream|random)>")
LIMITS = {"controller": 300, "test": 500, "hack": 300, "examples": 300}
COUNTED = {".cpp", ".hpp", ".py", ".sh", ".go"}


def complaints_about(path: pathlib.Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    found = []
    top = name.split("/")[0]
    if path.suffix in COUNTED and len(text.splitlines()) >= LIMITS[top]:
        found.append(f"{name}: {len(text.splitlines())} lines, {LIMITS[top] - 1} are allowed: split it by idea")
    if top != "controller":
        return found
    room = name.split("/")[1]
    for included in INCLUDE.findall(text):
        if included not in MAY_INCLUDE[room]:
            found.append(f"{name}: {room} may not include {included} (allowed: {', '.join(sorted(MAY_INCLUDE[room]))})")
    if CPPREST.search(text) and not path.name.startswith("cpprest_"):
        found.append(f"{name}: cpprestsdk is included only by wire/cpprest_*")
    if room == "decide":
        for match in NOT_IN_DECIDE.finditer(text):
            found.append(f"{name}: decide/ is pure, it may not use {match.group(0)}")
    return found


def main() -> int:
    files = [p for top in LIMITS for p in sorted((ROOT / top).rglob("*")) if p.suffix in COUNTED and p.is_file()]
    found = [line for path in files for line in complaints_about(path)]
    print("\n".join(found) if found else f"{len(files)} files keep to their rooms", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
