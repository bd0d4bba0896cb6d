"""How the page is built: twice the same, small enough, of what is pinned, and with nothing to be fetched."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tarfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

from page import build

ROOT = Path(__file__).parents[2]


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, octets in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(octets)
            archive.addfile(entry, io.BytesIO(octets))
    return out.getvalue()


def stdlib() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("collections/", b"")
        archive.writestr("abc.py", b"# a module\n")
    return out.getvalue()


SMALL = {
    "pyodide.mjs": b"async function x(){}export{x as loadPyodide,y as version};\n//# sourceMappingURL=x\n",
    "pyodide.asm.mjs": b"function m(){import.meta.url;import.meta.url;import.meta.url}export default m;\n",
    "pyodide.asm.wasm": b"\0asm",
    "python_stdlib.zip": stdlib(),
    "pyodide-lock.json": b'{"info": {"python": "3.14.2"}}',
}
"""A package with the places of Pyodide's that are changed."""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The small package in Pyodide's place; it is downloaded once. Returns what is downloaded, by its address."""
    octets = packed(SMALL)
    served = {f"https://registry.npmjs.org/pyodide/-/pyodide-{build.PYODIDE}.tgz": octets}
    monkeypatch.setattr(build, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(build, "OUT", build.ROOT / "dist" / "a test.html")
    monkeypatch.setitem(
        build.SUMS, f"pyodide-{build.PYODIDE}", base64.b64encode(hashlib.sha512(octets).digest()).decode("ascii")
    )
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, **_: io.BytesIO(served.pop(url)))
    return served


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_two_builds_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the order of files in a folder is another."""
    first = build.page()
    found = Path.rglob
    monkeypatch.setattr(Path, "rglob", lambda self, pattern: reversed([*found(self, pattern)]))
    assert build.page() == first


@pytest.mark.usefixtures("small")
def test_what_the_policy_allows(capsys: pytest.CaptureFixture[str]) -> None:
    """The one script and the one style by their hashes, the side thread, and nothing else; no connection. The program
    says how large the file is, and its sum.
    """
    try:
        assert build.main() == 0
        octets = build.OUT.read_bytes()
    finally:
        build.OUT.unlink()
    printed = capsys.readouterr().out
    assert f"{len(octets):,} bytes" in printed
    assert hashlib.sha256(octets).hexdigest() in printed
    page = octets.decode("utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.keys() >= {"script-src", "style-src", "worker-src"}
    assert {name for name, rule in rules.items() if rule == "'none'"} == {
        "default-src",
        "connect-src",
        "form-action",
        "base-uri",
    }
    for rule, tag in (("script-src", r"<script>(.*?)</script>"), ("style-src", r"<style>(.*?)</style>")):
        (content,) = re.findall(tag, page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")
        assert rules[rule].split()[0] == f"'sha256-{digest}'"
    assert rules["script-src"].split()[1:] == ["'wasm-unsafe-eval'"]
    assert rules["worker-src"] == "blob:"
    head, _, _ = page.partition('<script type="application/json"')
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert not re.findall(r"(?:src|href|action)=\"(?!data:,)", head)


@pytest.mark.usefixtures("small")
def test_what_is_inside() -> None:
    """Every module of ecpure as it is, no vectors among them; the suite apart; the lines of the quick start."""
    names = dict(build.code())
    package = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / "ecpure").rglob("*.py")}
    assert package.items() <= names.items()
    assert names.keys() - package.keys() == {"page/check.py", "page/desk.py", "page/p256.py"}
    with tarfile.open(fileobj=io.BytesIO(build.suite())) as archive:
        assert [f"vectors/{name}" for name in archive.getnames()] == [
            path.relative_to(ROOT).as_posix() for path in build.suite_paths()
        ]
    names_of_suite = {path.name for path in (ROOT / "vectors" / "suite").rglob("*_test.json")}
    left_out = names_of_suite - {path.name for path in build.suite_paths()}
    assert all("_p1363_" in name or "_batch_" in name for name in left_out)
    lines = str(build.settings()["lines"])
    assert lines.startswith("from ecpure import PrivateKey\n")
    compile(lines, "lines", "exec")


@pytest.mark.usefixtures("small")
def test_a_page_that_is_too_large_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program ends with a sentence."""
    monkeypatch.setattr(build, "LARGEST", 10)
    monkeypatch.setattr(build, "page", lambda: "11 letters.")
    with pytest.raises(SystemExit, match="fewer than 10 were expected"):
        build.main()
    assert not build.OUT.exists()


@pytest.mark.usefixtures("small")
def test_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence says what could not be had."""

    def refuse(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(SystemExit, match=r"npm's registry, for Pyodide .*: no network"):
        build.main()


def test_another_package_is_refused(small: dict[str, bytes]) -> None:
    """What was downloaded has to have the sum that is pinned, now and when it comes out of the cache."""
    for address in small:
        small[address] = packed(SMALL | {"more": b""})
    for _ in range(2):
        with pytest.raises(SystemExit, match="another file than the one"):
            build.pyodide()


@pytest.mark.parametrize("name", ["pyodide.mjs", "pyodide.asm.mjs"])
def test_another_script_is_refused(name: str) -> None:
    """Without the places that are changed nothing is built."""
    with pytest.raises(SystemExit, match="were expected, and 0 are there"):
        build.runtime(SMALL | {name: b""})


def test_the_texts_have_no_markup() -> None:
    """They are text, and the settings close no element."""
    texts = json.loads((ROOT / "page" / "texts.json").read_text(encoding="utf-8"))
    assert not [text for words in texts.values() for text in words.values() if "<" in text or "&" in text]


@pytest.mark.long
def test_the_page_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Pyodide as it is pinned: below ten million octets, and twice the same."""
    try:
        build.pyodide()
    except urllib.error.URLError:
        pytest.skip("npm's registry is not reached, and Pyodide is not in .cache")
    first = build.page()
    monkeypatch.setattr(build, "OUT", ROOT / "dist" / f"{tmp_path.name}.html")
    try:
        assert build.main() == 0
        assert build.OUT.read_text(encoding="utf-8") == first
    finally:
        build.OUT.unlink()
