"""The documents name what exists: paths, make targets, the first policy, and the tests behind every line of the runbook."""
import fnmatch
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIVE_LINES = ROOT / "test/contract/crd/policies/valid/five-lines.yaml"
DOCUMENTS = sorted([*ROOT.glob("doc/*.md"), *ROOT.glob("doc/adr/*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))])

BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
SOURCE = re.compile(r"\.(cpp|hpp|py|sh|go|md)$")
PLACEHOLDER = re.compile(r"<[a-z]+>")
MADE = ("build/", ".cluster/")  # what the build and the cluster leave in a clone


def listed():
    """The files of the clone, but not what was made in it."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name for name in names if (ROOT / name).exists()}


FILES = listed()
FOLDERS = {parent.as_posix() for name in FILES for parent in Path(name).parents} - {"."}
TOP = {name.split("/")[0] for name in FOLDERS}


def code(text):
    """What is set as code: whole blocks, and spans in the rest."""
    return [*BLOCK.findall(text), *SPAN.findall(BLOCK.sub("", text))]


def words(text):
    return [word.strip("\"'(),;:=") for snippet in code(text) for word in snippet.split()]


def is_path(word):
    """A file of a kind that we write, or something below a folder of the root; a folder of a room alone ends in '/'."""
    if "://" in word or word.startswith(("/", "~", "$", "-", *MADE)):
        return False
    return bool(SOURCE.search(word)) or word.split("/")[0] in TOP and "/" in word


def exists(word):
    """At the root or further down, as `decide/decide.hpp` is; `*` and `<room>` stand for any name."""
    pattern = PLACEHOLDER.sub("*", word).rstrip("/")
    names = FOLDERS if word.endswith("/") else FILES | FOLDERS
    return any(fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(name, f"*/{pattern}") for name in names)


def missing_paths(text, folder=ROOT):
    found = [word for word in words(text) if is_path(word) and not exists(word)]
    targets = [target.split("#")[0] for target in LINK.findall(text) if "://" not in target]
    return found + [target for target in targets if target and not (folder / target).exists()]


def make_targets():
    return set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def missing_targets(text):
    named = [target for snippet in code(text) for target in re.findall(r"\bmake ([a-z][a-z0-9-]*)", snippet)]
    return [target for target in named if target not in make_targets()]


def rows(text):
    """The table rows, each as its cells, without heads and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[-1] != "test" and set(row[-1]) != {"-"}]


def named_in(row):
    return SPAN.findall(row[-1])


def has_no_proof(row):
    """Neither a test, nor plain words that there is none; or a test that is not there."""
    named = named_in(row)
    return not (named or "not yet" in row[-1]) or any(name not in FILES or not name.startswith("test/") for name in named)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_path_exists(document):
    assert not missing_paths(document.read_text(encoding="utf-8"), document.parent)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_make_target_exists(document):
    assert not missing_targets(document.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text, complaints", [
    ("see `doc/impl.md`, `impl.md` and `doc/adr/`", []),
    ("see `doc/gone.md`", ["doc/gone.md"]),
    ("see `gone.hpp`: it", ["gone.hpp"]),
    ("```\ntest/e2e/run core -k memory\nhack/gone.sh make demo\n```", ["hack/gone.sh"]),
    ("`controller/decide/judge_*.cpp` and `test/unit/<room>`", []),
    ("`controller/decide/gone_*.cpp`", ["controller/decide/gone_*.cpp"]),
    ("a folder: `controller/gone/`", ["controller/gone/"]),
    ("[here](doc/impl.md#rooms), [there](https://example.com/a.md), [nowhere](doc/gone.md)", ["doc/gone.md"]),
    ("`/metrics`, `nodes/stats`, `apps/v1`, `/etc/rollback/config.yaml`, `build/dev/controller/rollback-controller`", []),
])
def test_a_missing_path_is_found(text, complaints):
    assert missing_paths(text) == complaints


def test_a_missing_make_target_is_found():
    assert missing_targets("`make check`, then make sure of `hack/setup.sh make gone`") == ["gone"]


@pytest.mark.parametrize("row, is_bad", [
    ("| a | b | `test/hack/test_docs.py` |", False),
    ("| a | b | not yet |", False),
    ("| a | b | `test/hack/test_docs.py` for one, else not yet |", False),
    ("| a | b | |", True),
    ("| a | b | by people |", True),
    ("| a | b | `test/hack/test_gone.py` |", True),
    ("| a | b | `README.md` |", True),
])
def test_a_row_without_proof_is_found(row, is_bad):
    assert [has_no_proof(each) for each in rows(row)] == [is_bad]


def test_every_line_of_the_runbook_names_its_test_or_says_not_yet():
    found = rows((ROOT / "doc/runbook.md").read_text(encoding="utf-8"))
    assert found
    assert not [row for row in found if has_no_proof(row)]


def test_the_first_policy_is_the_tested_one():
    """Byte for byte, but for its name: among the tested policies it is called after its file."""
    tested = FIVE_LINES.read_text(encoding="utf-8").replace("name: five-lines", "name: web")
    policies = [block for block in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8")) if "kind: RollbackPolicy" in block]
    assert policies[0] == tested


@pytest.mark.parametrize("decision", sorted(ROOT.glob("doc/adr/*.md")), ids=lambda path: path.stem)
def test_a_decision_begins_with_an_example_and_ends_with_its_price(decision):
    headings = re.findall(r"^#+ .*$", BLOCK.sub("", decision.read_text(encoding="utf-8")), re.MULTILINE)
    assert headings[0].startswith(f"# {decision.stem[:3]} ")
    assert (headings[1], headings[-1]) == ("## Example", "## What we gave up")
