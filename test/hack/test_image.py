"""The two ways to an image give the same files: both take what hack/image-root.sh makes."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SCRIPT = (ROOT / "hack/image.sh").read_text()


def last_stage():
    return [line for line in DOCKERFILE.split("FROM scratch\n")[1].splitlines() if line]


def test_the_image_holds_what_the_script_made_and_nothing_else():
    copies = [line for line in last_stage() if line.startswith(("COPY", "ADD", "RUN"))]
    assert copies == ["COPY --from=build /image /"]
    assert "hack/image-root.sh /image" in DOCKERFILE
    assert re.search(r"hack/image-root.sh (\S+)\n", SCRIPT)[1] + "=/" in SCRIPT


def test_both_run_the_same_program_as_the_same_user():
    stage = dict(line.split(" ", 1) for line in last_stage())
    assert stage["USER"].split(":")[0] == re.search(r"--user (\S+)", SCRIPT)[1] == "65532"
    assert re.search(r"--entrypoint (\S+)", SCRIPT)[1] in stage["ENTRYPOINT"]
    assert stage["EXPOSE"].split() == re.findall(r"--expose (\S+)", SCRIPT)
