"""Build what is released: the wheel, the source archive, the archive of test vectors and the page, twice and compared,
their sums and a bill of materials.

`make dist` runs it, and fills dist/. What is built is the last commit, in two clones, each in a folder, under a file
mode mask and in a time zone of its own. The same commit, group `dist` of pyproject.toml and zlib give
the same octets.
"""

from __future__ import annotations

import base64
import email
import email.message
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import uuid
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
IN_WHEEL = "docs/ecpure.cdx.json"


def git(*words: str) -> str:
    """Return what git prints of this repository."""
    done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def build(source: Path, built: Path, *, epoch: int, mask: int = 0o022, zone: str = "UTC") -> None:
    """Build the wheel and the source archive of the folder `source` into `built`, every file's time being `epoch`.

    Raises `SystemExit` with what hatchling says where it cannot.
    """
    settings = os.environ | {"SOURCE_DATE_EPOCH": str(epoch), "TZ": zone}
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(built.resolve())]
    done = subprocess.run(words, cwd=source, env=settings, umask=mask, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)


def build_page(source: Path, built: Path) -> None:
    """Build the page of the folder `source` into `built`, with what was downloaded for this working tree, if anything.

    Raises `SystemExit` with what page/build.py says where it cannot.
    """
    if (ROOT / ".cache" / "page").is_dir():
        shutil.copytree(ROOT / ".cache" / "page", source / ".cache" / "page")
    words = [sys.executable, str(source / "page" / "build.py")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    (archive,) = built.glob("*.tar.gz")
    shutil.copyfile(source / "dist" / "ecpure.html", built / archive.name.replace(".tar.gz", ".html"))


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the octets of every file in the folder by its name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Return the names of the files that are not in both, or not with the same octets."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def vectors_of(source: Path) -> dict[str, bytes]:
    """Return what the archive of test vectors holds, by the paths in it: for people who do without the package."""
    vectors = source / "vectors"
    readme = (vectors / "README.md").read_text(encoding="utf-8")
    readme = re.sub(r"\[([^]]+)\]\(\.\./[^)]+\)", r"`\1` of ecpure's sources", readme)  # which are not in it
    files = {"LICENSE": (source / "LICENSE").read_bytes(), "README.md": readme.encode("utf-8")}
    for path in (vectors / "confirmed.json", *vectors.glob("suite/*.json"), *vectors.glob("schemas/*.json")):
        files[path.relative_to(vectors).as_posix()] = path.read_bytes()
    return dict(sorted(files.items()))


def pack(files: dict[str, bytes], folder: str, epoch: int) -> bytes:
    """Return an archive .tar.gz of the files, in a folder of this name: of the same files, the same octets."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, octets in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size, member.mtime, member.mode = len(octets), epoch, 0o644
            archive.addfile(member, io.BytesIO(octets))
    return gzip.compress(packed.getvalue(), mtime=epoch)


def version_of(source: Path) -> str:
    """Return the version that the package in the folder `source` says it has."""
    text = (source / "ecpure" / "__init__.py").read_text(encoding="utf-8")
    version: str
    (version,) = re.findall(r'^__version__ = "(.*)"$', text, re.MULTILINE)
    return version


def build_twice(folder: Path, epoch: int) -> dict[str, bytes]:
    """Return wheel, source archive, archive of vectors and page by their names.

    Raises `SystemExit` where two builds are not the same.
    """
    results = []
    for name, mask, zone in (("one", 0o022, "UTC"), ("the other", 0o077, "Asia/Kolkata")):
        source = folder / name / "ecpure"
        clone = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(source)]
        subprocess.run(clone, umask=mask, check=True)
        subprocess.run(["git", "checkout", "--quiet", git("rev-parse", "HEAD")], cwd=source, check=True)
        build(source, folder / name / "built", epoch=epoch, mask=mask, zone=zone)
        build_page(source, folder / name / "built")
        vectors = f"ecpure-vectors-{version_of(source)}"
        packed = pack(vectors_of(source), vectors, epoch)
        results.append(files_of(folder / name / "built") | {f"{vectors}.tar.gz": packed})
    one, other = results
    if names := differing(one, other):
        raise SystemExit(f"built twice, and not the same: {', '.join(names)}")
    return one


def metadata(wheel: bytes, folder: Path) -> email.message.Message:
    """Return the wheel's METADATA."""
    path = folder / "wheel"
    path.write_bytes(wheel)
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def inside_the_page() -> tuple[str, str]:
    """Return the version of Pyodide, and the SHA-512 of its package in hex, that page/build.py pins."""
    source = (ROOT / "page" / "build.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'^PYODIDE = "(.+)"$', source, re.MULTILINE)
    (digest,) = re.findall(r'^    f"pyodide-\{PYODIDE\}": "(.+)",$', source, re.MULTILINE)
    return version, base64.b64decode(digest).hex()


def parts(about: email.message.Message) -> tuple[Component, list[Component]]:
    """Return the package, and its extras, which are all that can come along."""
    # Slow to import: more than a second.
    from cyclonedx.model.component import Component, ComponentScope, ComponentType
    from cyclonedx.model.license import LicenseExpression
    from packageurl import PackageURL

    name, version = about["Name"], about["Version"]
    subject = Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        description=about["Summary"],
        licenses=[LicenseExpression(about["License-Expression"])],
        purl=PackageURL("pypi", None, name, version),
        bom_ref=name,
    )
    extras = []
    for requirement in about.get_all("Requires-Dist", []):
        (needed,) = re.findall(r"^[\w.-]+", requirement)
        extras.append(
            Component(
                type=ComponentType.LIBRARY,
                name=needed,
                description=requirement,
                scope=ComponentScope.OPTIONAL,
                purl=PackageURL("pypi", None, needed),
                bom_ref=needed,
            )
        )
    return subject, extras


def written(subject: Component, components: list[Component], *, made_from: str, day: datetime | None) -> bytes:
    """Return a bill in CycloneDX's JSON, its serial number being made from the text `made_from`.

    Raises `SystemExit` where CycloneDX's schema does not allow it.
    """
    from cyclonedx.model.bom import Bom
    from cyclonedx.output.json import JsonV1Dot6
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    bom = Bom(components=components, serial_number=uuid.uuid5(uuid.NAMESPACE_URL, made_from))
    bom.metadata.component = subject
    bom.metadata.timestamp = day  # type: ignore[assignment]  # none is left out
    bom.register_dependency(subject, components)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SystemExit(f"the bill of materials is not valid: {wrong}")
    return text.encode("utf-8") + b"\n"


def bill(about: email.message.Message, built: dict[str, bytes], epoch: int) -> bytes:
    """Return the release's bill of materials: the files, the extras, and what is inside of the page.

    Of the same files it is the same. Raises `SystemExit` where it is not valid.
    """
    from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    subject, extras = parts(about)
    sums = {file: hashlib.sha256(octets).hexdigest() for file, octets in built.items()}
    for file, digest in sums.items():
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest)]
        kind = ExternalReferenceType.DISTRIBUTION
        subject.external_references.add(ExternalReference(type=kind, url=XsUri(file), hashes=hashes))
    version_inside, digest = inside_the_page()
    inside = Component(
        type=ComponentType.FRAMEWORK,
        name="pyodide",
        version=version_inside,
        description="inside of the page",
        hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest)],
        purl=PackageURL("npm", None, "pyodide", version_inside),
        bom_ref="pyodide",
    )
    named = "sha256:" + ",".join(sums.values())
    return written(subject, [*extras, inside], made_from=named, day=datetime.fromtimestamp(epoch, UTC))


def bill_in_wheel(source: Path) -> bytes:
    """Return the bill that the wheel of the folder `source` has inside (PEP 770): the package and its extras.

    It has no time and no sums: the file is in the repository, and changes with the metadata. Raises `SystemExit` where
    it is not valid.
    """
    from hatchling.metadata.core import ProjectMetadata
    from hatchling.metadata.spec import construct_metadata_file_2_4
    from hatchling.plugin.manager import PluginManager

    about = email.message_from_string(construct_metadata_file_2_4(ProjectMetadata(str(source), PluginManager())))
    subject, extras = parts(about)
    named = ",".join([str(subject.purl), *about.get_all("Requires-Dist", [])])
    return written(subject, extras, made_from=named, day=None)


def main(*words: str) -> int:
    """Fill dist/ anew, and print the sums; with the word `bill`, write the bill that the wheel has inside."""
    if words == ("bill",):
        (ROOT / IN_WHEEL).write_bytes(bill_in_wheel(ROOT))
        return 0
    epoch = int(git("log", "-1", "--format=%ct"))
    if git("status", "--porcelain"):
        print("changes that are not committed are not in what is built", file=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = build_twice(folder, epoch)
        (wheel,) = (octets for file, octets in built.items() if file.endswith(".whl"))
        about = metadata(wheel, folder)
    built[f"{about['Name']}-{about['Version']}.cdx.json"] = bill(about, built, epoch)
    sums = "".join(f"{hashlib.sha256(octets).hexdigest()}  {file}\n" for file, octets in sorted(built.items()))
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    for file, octets in {**built, "SHA256SUMS": sums.encode("ascii")}.items():
        (DIST / file).write_bytes(octets)
    print(sums, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
