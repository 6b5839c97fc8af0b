"""hack/oci.py and hack/lddfiles.py, run as their users run them."""
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

HACK = Path(__file__).resolve().parents[2] / "hack"
NAME = "localhost/sample:1"


def run(tool, *arguments):
    command = [sys.executable, str(HACK / tool), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Image:
    """An archive, read back; every blob is checked against its digest on the way."""

    def __init__(self, path):
        with tarfile.open(path) as tar:
            self.members = {member.name: tar.extractfile(member).read() for member in tar}
        self.index = json.loads(self.members["index.json"])
        (self.descriptor,) = self.index["manifests"]
        self.manifest = json.loads(self.blob(self.descriptor))
        self.config = json.loads(self.blob(self.manifest["config"]))
        (layer,) = self.manifest["layers"]
        self.layer_digest = layer["digest"]
        self.layer = tarfile.open(fileobj=io.BytesIO(self.blob(layer)))

    def blob(self, descriptor):
        content = self.members["blobs/" + descriptor["digest"].replace(":", "/")]
        assert descriptor["digest"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert descriptor["size"] == len(content)
        return content

    def modes(self):
        return {"/" + member.name: oct(member.mode) for member in self.layer if not member.issym()}

    def text(self, path):
        return self.layer.extractfile(path.lstrip("/")).read().decode()


@pytest.fixture(name="make")
def maker(tmp_path):
    def make(*arguments, output="image.tar"):
        done = run("oci.py", "--output", tmp_path / output, "--name", NAME, *arguments)
        assert done.returncode == 0, done.stderr
        return Image(tmp_path / output)
    return make


@pytest.fixture(name="refused")
def refuser(tmp_path):
    def refused(*arguments, name=NAME):
        done = run("oci.py", "--output", tmp_path / "image.tar", "--name", name, *arguments)
        assert done.returncode == 2
        assert not list(tmp_path.glob("image.tar*"))
        return done.stderr
    return refused


@pytest.fixture(name="program")
def a_program(tmp_path):
    path = tmp_path / "program"
    path.write_text("#!/bin/run\n", encoding="utf-8")
    path.chmod(0o700)
    return path


def test_archive_is_an_oci_layout_with_the_full_name(make, program):
    image = make(f"{program}=/program")
    assert json.loads(image.members["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    assert image.descriptor["annotations"]["io.containerd.image.name"] == NAME
    assert image.descriptor["annotations"]["org.opencontainers.image.ref.name"] == NAME
    assert image.config["rootfs"] == {"type": "layers", "diff_ids": [image.layer_digest]}
    assert image.config["os"] == "linux"
    assert image.config["architecture"] in ("amd64", "arm64")


def test_config_carries_every_option(make, program):
    image = make("--entrypoint", "/program", "--cmd", "serve", "--cmd=-v", "--user", "65532", "--env", "A=b=c",
                 "--label", "version=2", "--expose", "8080", "--expose", "8081", f"{program}=/program")
    assert image.config["config"] == {
        "Entrypoint": ["/program"], "Cmd": ["serve", "-v"], "User": "65532", "Env": ["A=b=c"],
        "Labels": {"version": "2"}, "ExposedPorts": {"8080/tcp": {}, "8081/tcp": {}}}


def test_options_left_out_are_absent(make, program):
    assert make(f"{program}=/program").config["config"] == {}


def test_parents_are_made_and_modes_normalized(make, program, tmp_path):
    data = tmp_path / "data"
    data.write_text("x", encoding="utf-8")
    data.chmod(0o600)
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch").chmod(0o1777)
    image = make(f"{program}=/usr/bin/program", f"{data}=/etc/data", f"{tmp_path / 'scratch'}=/tmp")
    assert image.modes() == {"/etc": "0o755", "/etc/data": "0o644", "/tmp": "0o1777", "/usr": "0o755",
                             "/usr/bin": "0o755", "/usr/bin/program": "0o755"}
    assert {(member.uid, member.gid, member.mtime) for member in image.layer} == {(0, 0, 0)}
    names = [member.name for member in image.layer]
    assert names == sorted(names)


def test_directory_is_copied_with_symlinks_kept(make, tmp_path):
    tree = tmp_path / "tree"
    (tree / "deep" / "empty").mkdir(parents=True)
    (tree / "deep" / "file").write_text("content", encoding="utf-8")
    (tree / "to-directory").symlink_to("deep")
    (tree / "dangling").symlink_to("/nowhere")
    image = make(f"{tree}=/opt/tree")
    links = {"/" + member.name: member.linkname for member in image.layer if member.issym()}
    assert links == {"/opt/tree/to-directory": "deep", "/opt/tree/dangling": "/nowhere"}
    assert set(image.modes()) == {"/opt", "/opt/tree", "/opt/tree/deep", "/opt/tree/deep/empty", "/opt/tree/deep/file"}
    assert image.text("/opt/tree/deep/file") == "content"


def test_directory_becomes_the_root(make, tmp_path, program):
    (tmp_path / "root" / "etc").mkdir(parents=True)
    image = make(f"{tmp_path / 'root'}=/", f"{program}=//etc//program")
    assert set(image.modes()) == {"/etc", "/etc/program"}


def test_named_symlink_is_followed(make, program, tmp_path):
    (tmp_path / "link=1").symlink_to(program)
    image = make(f"{tmp_path / 'link=1'}=/program")
    assert image.text("/program") == "#!/bin/run\n"


def test_same_input_gives_the_same_bytes(make, tmp_path):
    for name, order in (("one", ("a", "b")), ("two", ("b", "a"))):
        (tmp_path / name).mkdir()
        for file in order:
            (tmp_path / name / file).write_text(file, encoding="utf-8")
    os.utime(tmp_path / "two" / "a", (1, 1))
    (tmp_path / "two" / "b").chmod(0o640)
    make(f"{tmp_path / 'one'}=/data", "--label", "x=1", "--label", "y=2", output="one.tar")
    make(f"{tmp_path / 'two'}=/data", "--label", "y=2", "--label", "x=1", output="two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_other_content_gives_another_digest(make, program):
    before = make(f"{program}=/program").layer_digest
    program.write_text("other", encoding="utf-8")
    assert make(f"{program}=/program").layer_digest != before


@pytest.mark.parametrize("name", ["sample", "sample:1", "localhost/sample", "localhost/Sample:1", "localhost/a b:1"])
def test_name_that_is_not_full_is_refused(refused, program, name):
    assert "is not a full name such as localhost/eventmesh:1" in refused(f"{program}=/program", name=name)


@pytest.mark.parametrize("pair, why", [
    ("{program}", "is not FILE=/path/in/image"),
    ("{program}=relative", "is not FILE=/path/in/image"),
    ("=/program", "is not FILE=/path/in/image"),
    ("{program}=/a/../b", "must not contain '..'"),
    ("{program}-absent=/a", "no such file"),
])
def test_bad_pair_is_refused(refused, program, pair, why):
    assert why in refused(pair.format(program=program))


def test_two_files_at_one_path_are_refused(refused, program, tmp_path):
    other = tmp_path / "other"
    other.write_text("", encoding="utf-8")
    assert "/a is asked for twice" in refused(f"{program}=/a", f"{other}=/a")
    assert "cannot be below /a, which is not a directory" in refused(f"{program}=/a", f"{other}=/a/b")


def test_the_same_file_named_twice_is_harmless(make, program):
    assert set(make(f"{program}=/a", f"{program}=/a").modes()) == {"/a"}


def test_pipe_is_refused(refused, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is neither a file, a directory nor a symlink" in refused(f"{tmp_path / 'pipe'}=/pipe")


@pytest.mark.parametrize("option", ["--env", "--label"])
def test_assignment_without_value_is_refused(refused, program, option):
    assert f"{option} 'X' is not NAME=VALUE" in refused(option, "X", f"{program}=/program")


def test_lddfiles_lists_loader_and_libraries_but_not_the_program():
    done = run("lddfiles.py", "/bin/ls")
    assert done.returncode == 0, done.stderr
    pairs = dict(reversed(line.split("=")) for line in done.stdout.splitlines())
    assert any(path.startswith("/lib") and "/ld-linux" in path for path in pairs)
    assert any(path.endswith("/libc.so.6") for path in pairs)
    assert not any(path.endswith("/ls") for path in pairs)
    assert all(Path(file).is_file() and not Path(file).is_symlink() for file in pairs.values())


def test_program_runs_in_a_root_of_the_listed_files(make, tmp_path):
    root = tmp_path / "root"
    make("/bin/ls=/bin/ls", *run("lddfiles.py", "/bin/ls").stdout.split()).layer.extractall(root)
    done = subprocess.run(["unshare", "--user", "--map-root-user", f"--root={root}", "/bin/ls", "/"],
                          capture_output=True, text=True, check=True)
    assert done.stdout.split() == sorted(path.name for path in root.iterdir())


@pytest.mark.parametrize("binary, why", [("/etc/passwd", "not a dynamic executable"), ("/absent", "No such file")])
def test_lddfiles_says_why_it_cannot(binary, why):
    done = run("lddfiles.py", binary)
    assert done.returncode == 1
    assert why in done.stderr
