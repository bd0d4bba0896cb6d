"""What is released: its contents, its metadata, that two builds give the same octets, and the bill of materials."""

from __future__ import annotations

import base64
import configparser
import email
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import box
import fresh
import pytest
from interpreters import interpreters

import ecpure
from ecpure.vectors.templates import TEMPLATES

ROOT = Path(__file__).parents[2]
EPOCH = 1_700_000_000
NAME = f"ecpure-{ecpure.__version__}"
WHEEL, ARCHIVE = f"{NAME}-py3-none-any.whl", f"{NAME}.tar.gz"
VECTORS = f"ecpure-vectors-{ecpure.__version__}"
SHARED = {
    "docs/ecpure.1": "share/man/man1/ecpure.1",
    "ecpure/cli/completions/_ecpure": "share/zsh/site-functions/_ecpure",
    "ecpure/cli/completions/ecpure.bash": "share/bash-completion/completions/ecpure",
    "ecpure/cli/completions/ecpure.fish": "share/fish/vendor_completions.d/ecpure.fish",
}

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no clone: git says which files are the project's")


def tracked() -> list[str]:
    """Return the paths of the project's files, as they are in this working tree."""
    return [path for path in box.git("ls-files").splitlines() if (ROOT / path).exists()]


def copy(folder: Path, *, mode: int, time: int) -> Path:
    """Return a folder with the project's files, each of this mode and time."""
    for path in tracked():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, folder / path)
        (folder / path).chmod(mode)
        os.utime(folder / path, (time, time))
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("built")
    box.build(copy(folder / "source", mode=0o644, time=EPOCH), folder / "dist", epoch=EPOCH)
    return folder / "dist"


@pytest.mark.long
def test_the_folder_changes_nothing(built: Path, tmp_path: Path) -> None:
    """Elsewhere, later, under another mask and in another time zone, the same files give the same octets."""
    source = copy(tmp_path / "a longer name", mode=0o600, time=EPOCH + 86_401)
    box.build(source, tmp_path / "dist", epoch=EPOCH, mask=0o077, zone="Asia/Kolkata")
    assert set(box.files_of(built)) == {WHEEL, ARCHIVE}
    assert box.differing(box.files_of(built), box.files_of(tmp_path / "dist")) == []


@pytest.mark.long
def test_the_source_archive_gives_the_wheel(built: Path, tmp_path: Path) -> None:
    """The wheel that the unpacked source archive builds is the one beside it, and so is the archive."""
    with tarfile.open(built / ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    box.build(tmp_path / NAME, tmp_path / "dist", epoch=EPOCH)
    assert box.differing(box.files_of(built), box.files_of(tmp_path / "dist")) == []


def test_differences_are_found() -> None:
    """A file that only one build has, or that has other octets, is named."""
    one, other = {"a": b"1", "b": b"2", "c": b"3"}, {"a": b"1", "b": b"0", "d": b"3"}
    assert box.differing(one, other) == ["b", "c", "d"]


def test_a_build_that_fails_says_why(tmp_path: Path) -> None:
    """Where hatchling cannot build, its words are what the program ends with."""
    with pytest.raises(SystemExit, match="`project` metadata"):
        box.build(tmp_path, tmp_path / "dist", epoch=EPOCH)


def test_the_contents_of_the_wheel(built: Path) -> None:
    """The package, the suite of vectors, what shells and man look for, and what a wheel has to have: nothing else."""
    package = {path for path in tracked() if path.startswith("ecpure/")}
    suite = {path.replace("vectors/suite", "ecpure/vectors/suite") for path in tracked() if "vectors/suite/" in path}
    shared = {f"{NAME}.data/data/{path}" for path in SHARED.values()}
    names = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE", "sboms/ecpure.cdx.json")
    about = {f"{NAME}.dist-info/{name}" for name in names}
    with zipfile.ZipFile(built / WHEEL) as wheel:
        assert sorted(wheel.namelist()) == sorted(package | suite | shared | about)
        for path, place in SHARED.items():
            assert wheel.read(f"{NAME}.data/data/{place}") == (ROOT / path).read_bytes()
    assert len(suite) >= 10
    programs = {path for path in package if path.startswith("ecpure/vectors/programs/")}
    assert {PurePosixPath(path).suffix for path in package - programs} == {".py", ".typed", ".bash", ".fish", ""}
    assert {PurePosixPath(path).name for path in programs} == {*TEMPLATES.values()}
    assert sorted(path for path in SHARED.values()) == sorted(fresh.DATA)


def test_the_contents_of_the_source_archive(built: Path) -> None:
    """The project's files, all of them, with their octets, and PKG-INFO; who packed them is not told."""
    with tarfile.open(built / ARCHIVE) as archive:
        members = archive.getmembers()
        names = [member.name.removeprefix(f"{NAME}/") for member in members]
        assert sorted(names) == sorted([*tracked(), "PKG-INFO"])
        for member, name in zip(members, names, strict=True):
            assert member.isfile()
            assert (member.uid, member.gid, member.uname, member.gname, member.mtime) == (0, 0, "", "", EPOCH)
            content = archive.extractfile(member)
            assert content is not None
            assert name == "PKG-INFO" or content.read() == (ROOT / name).read_bytes()


def test_the_archive_of_vectors() -> None:
    """The suite, its schemas, README and confirmations, and the licence, octet for octet; links lead nowhere else."""
    packed = box.pack(box.vectors_of(ROOT), VECTORS, EPOCH)
    kept = [path for path in tracked() if re.match(r"vectors/(suite/|schemas/|confirmed\.json)", path)]
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert archive.getnames() == sorted(
            f"{VECTORS}/{name}" for name in ("LICENSE", "README.md", *(path.removeprefix("vectors/") for path in kept))
        )
        for member in archive.getmembers():
            assert (member.uid, member.gid, member.uname, member.gname, member.mtime) == (0, 0, "", "", EPOCH)
            assert (member.mode, member.isfile()) == (0o644, True)
            name = member.name.removeprefix(f"{VECTORS}/")
            content = archive.extractfile(member)
            assert content is not None
            octets = content.read()
            if name == "README.md":
                assert octets.startswith(b"# Suite of test vectors")
                assert b"](../" not in octets
            else:
                assert octets == (ROOT / ("" if name == "LICENSE" else "vectors") / name).read_bytes()


def test_an_archive_depends_on_its_files_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not on the day, nor on who packs it; and another file is another archive."""
    one = box.pack({"a": b"1"}, "x", EPOCH)
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    assert box.pack({"a": b"1"}, "x", EPOCH) == one != box.pack({"a": b"2"}, "x", EPOCH)
    assert box.version_of(ROOT) == ecpure.__version__


def test_the_record_of_the_wheel(built: Path) -> None:
    """RECORD has the SHA-256 and the length of every file but itself, and all of them have one time and one mode."""
    with zipfile.ZipFile(built / WHEEL) as wheel:
        lines = wheel.read(f"{NAME}.dist-info/RECORD").decode("ascii").splitlines()
        recorded = {name: (digest, length) for name, digest, length in (line.rsplit(",", 2) for line in lines)}
        assert sorted(recorded) == sorted(wheel.namelist())
        assert recorded.pop(f"{NAME}.dist-info/RECORD") == ("", "")
        for name, (digest, length) in recorded.items():
            octets = wheel.read(name)
            assert digest == "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(octets).digest()).decode().rstrip("=")
            assert int(length) == len(octets)
        assert {entry.date_time for entry in wheel.infolist()} == {(2023, 11, 14, 22, 13, 20)}
        assert {entry.external_attr >> 16 & 0o777 for entry in wheel.infolist()} == {0o644}


def test_the_metadata_of_the_wheel(built: Path) -> None:
    """No requirement that is not an extra's; pure Python; the commands; what pyproject.toml says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(built / WHEEL) as wheel:
        about, kind, entries = (
            wheel.read(f"{NAME}.dist-info/{name}").decode("utf-8") for name in ("METADATA", "WHEEL", "entry_points.txt")
        )
    metadata = email.message_from_string(about)
    assert (metadata["Name"], metadata["Version"]) == ("ecpure", ecpure.__version__)
    assert metadata["Metadata-Version"] == "2.4"  # what is pinned to publish it reads no later one
    assert metadata["Requires-Python"] == project["requires-python"] == ">=3.11"
    assert (metadata["License-Expression"], metadata["License-File"]) == ("MIT", "LICENSE")
    extras = metadata.get_all("Provides-Extra")
    assert sorted(extras or []) == sorted(project["optional-dependencies"])
    assert {"cli", "dask", "fast", "zstd"} <= set(extras or [])
    for requirement in metadata.get_all("Requires-Dist") or []:
        assert requirement.rpartition(" extra == ")[2].strip("'\"") in (extras or [])
    tags = email.message_from_string(kind)
    assert (tags["Root-Is-Purelib"], tags.get_all("Tag")) == ("true", ["py3-none-any"])
    parsed = configparser.ConfigParser()
    parsed.read_string(entries)
    assert {section: dict(parsed[section]) for section in parsed.sections()} == {"console_scripts": project["scripts"]}


def test_the_index_would_take_it(built: Path) -> None:
    """`twine check --strict` has nothing to say; of a description that is missing, it has."""
    pytest.importorskip("twine", reason="twine is not installed: it comes with the group `house`")
    assert twine(*built.iterdir()).returncode == 0
    with zipfile.ZipFile(built / WHEEL) as wheel, zipfile.ZipFile(built.parent / WHEEL, "w") as poorer:
        for name in wheel.namelist():
            octets = wheel.read(name)
            poorer.writestr(name, octets.partition(b"\n\n")[0] if name.endswith("/METADATA") else octets)
    assert twine(built.parent / WHEEL).returncode == 1


def twine(*paths: Path) -> subprocess.CompletedProcess[bytes]:
    """Check files that are to be uploaded, without uploading them."""
    return subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *paths], capture_output=True, check=False
    )


def test_the_metadata_is_complete(built: Path) -> None:
    """pyroma rates it at 10 of 10, but for an author's address, which the project has not, and links, until it has a
    home.
    """
    pytest.importorskip("pyroma", reason="pyroma is not installed: it comes with the group `house`")
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    without = ["AuthorEmail", *([] if tool["hatch"]["metadata"]["hooks"]["custom"]["home"] else ["Url"])]
    words = [sys.executable, "-m", "pyroma", "--file", "--min", "10", str(built / ARCHIVE)]
    rated = [
        subprocess.run([*words, "--skip-tests", ",".join(skipped)], capture_output=True, text=True, check=False)
        for skipped in (without, without[1:])
    ]
    assert rated[0].returncode == 0, rated[0].stdout
    assert "does not have author-email data" in rated[1].stdout
    assert rated[1].returncode != 0


def test_the_page_on_releases() -> None:
    """docs/release.md tells of every file that dist/ gets, and names no target of make and no workflow that is not."""
    page = (ROOT / "docs" / "release.md").read_text(encoding="utf-8")
    assert all(
        f"`{name.replace(ecpure.__version__, 'X.Y.Z')}`" in page
        for name in (WHEEL, ARCHIVE, f"{NAME}.html", f"{VECTORS}.tar.gz", f"{NAME}.cdx.json")
    )
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:`|^)make ([\w-]+)", page, re.MULTILINE))
    assert {"dist", "box", "reference", "test-all"} <= targets <= set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    workflows = {path.name for path in (ROOT / ".github" / "workflows").iterdir()}
    assert set(re.findall(r"\b(\w+\.yml)\b", page)) <= workflows


@pytest.mark.long
def test_make_dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """dist/ gets wheel, archive and page of the last commit, their bill and the sums, and loses what it had."""

    monkeypatch.setattr(box, "DIST", tmp_path / "dist")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "older.whl").touch()
    try:
        assert box.main() == 0
    except SystemExit as error:
        if "npm's registry" not in str(error):
            raise
        pytest.skip("npm's registry is not reached, and Pyodide is not in .cache")
    printed = capsys.readouterr().out
    files = box.files_of(tmp_path / "dist")
    assert files.pop("SHA256SUMS").decode("ascii") == printed
    assert sorted(files) == sorted(line.split("  ")[1] for line in printed.splitlines())
    assert sorted(files) == sorted([WHEEL, f"{NAME}.cdx.json", f"{NAME}.html", ARCHIVE, f"{VECTORS}.tar.gz"])
    subprocess.run(["sha256sum", "--strict", "--check", "SHA256SUMS"], cwd=tmp_path / "dist", check=True)


@pytest.mark.long
def test_the_bill_of_materials(built: Path, tmp_path: Path) -> None:
    """It names the release, each file with its SHA-256, and the extras as all that may come along; always the same."""
    files = box.files_of(built)
    about = box.metadata(files[WHEEL], tmp_path)
    octets = box.bill(about, files, EPOCH)
    assert box.bill(about, dict(files), EPOCH) == octets
    assert box.bill(about, files | {WHEEL: b"another"}, EPOCH) != octets
    bill = json.loads(octets)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    subject = bill["metadata"]["component"]
    assert subject["purl"] == f"pkg:pypi/ecpure@{ecpure.__version__}"
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    named = {entry["url"]: entry["hashes"] for entry in subject["externalReferences"]}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert named == {name: [{"alg": "SHA-256", "content": digest}] for name, digest in sums.items()}
    assert [(part["name"], part.get("scope")) for part in bill["components"]] == [
        ("pyodide", None),
        *((name, "optional") for name in ecpure_extras()),
    ]


def test_the_bill_in_the_wheel(built: Path) -> None:
    """`make reference` has written it of the metadata as it is; it names the package, and no time that would change."""
    with zipfile.ZipFile(built / WHEEL) as wheel:
        octets = wheel.read(f"{NAME}.dist-info/sboms/ecpure.cdx.json")
    assert octets == (ROOT / box.IN_WHEEL).read_bytes() == box.bill_in_wheel(ROOT)
    bill = json.loads(octets)
    assert bill["metadata"]["component"]["purl"] == f"pkg:pypi/ecpure@{ecpure.__version__}"
    assert "timestamp" not in bill["metadata"]
    assert {part["scope"] for part in bill["components"]} == {"optional"}
    assert len(bill["components"]) == len(ecpure_extras())


def ecpure_extras() -> list[str]:
    """Return the names of what the extras install."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(
        re.split(r"[\[>]", line)[0].replace(".", "-") for (line,) in project["optional-dependencies"].values()
    )


def test_what_builds_a_release_is_pinned_by_its_sum() -> None:
    """The file has every package of the group `dist` in its version, and of each package versions and SHA-256 alone;
    it is what `make dist` installs, and the installed builder is the pinned one.
    """
    text = (ROOT / "tests" / "tools" / "dist.txt").read_text(encoding="ascii")
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", text, re.MULTILINE))
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    assert {re.sub(r"\[.*?\]", "", line) for line in groups["dist"]} <= {f"{n}=={v}" for n, v in pinned.items()}
    entries = re.split(r"\n(?=\S)", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    line = r"[\w-]+==[\w.]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+"
    assert [entry for entry in entries if not re.fullmatch(line, entry.strip())] == []
    assert len(entries) == len(pinned) > 10
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes -r tests/tools/dist.txt" in makefile
    assert pinned["hatchling"] == version("hatchling")


@pytest.mark.long
def test_a_wheel_without_a_part_is_noticed(built: Path, tmp_path: Path) -> None:
    """A fresh environment with a wheel that lacks the man page fails, and says what is missing."""
    with zipfile.ZipFile(built / WHEEL) as wheel, zipfile.ZipFile(tmp_path / WHEEL, "w") as poorer:
        for name in wheel.namelist():
            if not name.endswith("ecpure.1"):
                poorer.writestr(name, wheel.read(name))
    with pytest.raises(fresh.Failed, match=r"share/man/man1/ecpure\.1"):
        fresh.check(sys.executable, tmp_path / WHEEL)


@pytest.mark.long
def test_the_interpreters_that_are_found_are_recent() -> None:
    """This one is among them, by its own path, and no version is older than the package's oldest."""
    found = interpreters()
    assert found[f"{sys.version_info.major}.{sys.version_info.minor}"] == sys.executable
    assert all(version.startswith("3.") and int(version.removeprefix("3.")) >= 11 for version in found)
    assert all(Path(path).exists() for path in found.values())
