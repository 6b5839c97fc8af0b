"""One scene per test, and what a failed test shows."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from lib import chart  # noqa: E402
from lib.scene import Scene  # noqa: E402

SCENE = pytest.StashKey[Scene]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "core: part of the set that runs before every change lands")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-transcripts", action="store_true", help="write what kubectl shows into transcripts/ instead of comparing it")


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    yield from staged(request, with_rights=True)


@pytest.fixture
def unprepared(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Only the namespace: what else the controller needs, the test installs."""
    yield from staged(request, with_rights=False)


@pytest.fixture
def installed(unprepared: Scene) -> Scene:
    """The controller of the chart, in a namespace where Pod Security restricted is enforced."""
    unprepared.kubectl("label", "namespace", unprepared.namespace, "pod-security.kubernetes.io/enforce=restricted")
    chart.install(unprepared.namespace)
    return unprepared


def staged(request: pytest.FixtureRequest, with_rights: bool) -> Iterator[Scene]:
    one = Scene(request.node.originalname.removeprefix("test_"))
    request.node.stash[SCENE] = one
    try:
        yield one.open(with_rights)
        if not request.node.stash.get(FAILED, False):
            one.conduct()
    finally:
        one.close()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed and SCENE in item.stash:
        item.stash[FAILED] = True
        report.sections += item.stash[SCENE].report()
