"""Build dist/ecpure.html: one file that verifies in a browser, offline.

`make page` runs it. Python is Pyodide's, from npm, by version and sum; it is downloaded once, into .cache/page. Nothing
else comes from outside. The same sources give the same octets, with the same zlib and liblzma.
"""

from __future__ import annotations

import base64
import doctest
import hashlib
import io
import json
import lzma
import os
import re
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "page"
CACHE = ROOT / ".cache" / "page"
OUT = ROOT / "dist" / "ecpure.html"

PYODIDE = "314.0.7"
SUMS = {
    f"pyodide-{PYODIDE}": "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
    "axe-core-4.14.1": "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
}
"""SHA-512 of packages of npm, as the registry's `dist.integrity` has it. axe-core is for the tests."""

LARGEST = 10_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_EXAMPLE = ("receipt.tar.bz2", "station.pem")


def package(name: str) -> dict[str, bytes]:
    """Return the files of one of the packages, by their paths in it. Raises `OSError` where it cannot be downloaded,
    and `SystemExit` where it is another than the one that is pinned.
    """
    path = CACHE / f"{name}.tgz"
    if not path.exists():
        url = f"https://registry.npmjs.org/{name.rpartition('-')[0]}/-/{name}.tgz"
        with urllib.request.urlopen(url, timeout=120) as answer:
            octets = answer.read()
        CACHE.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(octets)
        part.replace(path)
    octets = path.read_bytes()
    if base64.b64encode(hashlib.sha512(octets).digest()).decode("ascii") != SUMS[name]:
        raise SystemExit(f"{path}: another file than the one that page/build.py pins: remove it")
    with tarfile.open(fileobj=io.BytesIO(octets)) as archive:
        files = [(member.name, archive.extractfile(member)) for member in archive]
        return {name.removeprefix("package/"): file.read() for name, file in files if file is not None}


def pyodide() -> dict[str, bytes]:
    """Return the files of Pyodide."""
    return package(f"pyodide-{PYODIDE}")


def stored(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a ZIP without compression, which is the same for the same files: it is compressed as a whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, octets in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, octets)
    return out.getvalue()


def code() -> list[tuple[str, bytes]]:
    """Return the modules of ecpure, without its vectors, and the page's own, by their paths."""
    paths = [*sorted((ROOT / "ecpure").rglob("*.py")), *(PAGE / f"{name}.py" for name in ("check", "desk", "p256"))]
    return [(path.relative_to(ROOT).as_posix(), path.read_bytes()) for path in paths]


def suite_paths() -> list[Path]:
    """Return the files of the suite that the page has room for: not the batches, nor what DER's files have in P1363."""
    paths = sorted((ROOT / "vectors" / "suite").rglob("*_test.json"))
    return [path for path in paths if not path.name.endswith(("_p1363_test.json", "_batch_test.json"))]


def suite() -> bytes:
    """Return these test vectors in tar, to be unpacked beside the module that runs them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in suite_paths():
            entry = tarfile.TarInfo(path.relative_to(ROOT / "vectors").as_posix())
            entry.size = path.stat().st_size
            archive.addfile(entry, io.BytesIO(path.read_bytes()))
    return out.getvalue()


def packed_suite() -> bytes:
    """Return them as tar.xz, which takes 30% less than tar.bz2 here."""
    return lzma.compress(suite(), preset=9 | lzma.PRESET_EXTREME)


def library(files: dict[str, bytes]) -> bytes:
    """Return Python's standard library, in a ZIP that is not compressed."""
    with zipfile.ZipFile(io.BytesIO(files["python_stdlib.zip"])) as archive:
        return stored((name, archive.read(name)) for name in sorted(archive.namelist()) if not name.endswith("/"))


def runtime(files: dict[str, bytes]) -> bytes:
    """Return Pyodide's two modules as one classic script, which sets `loadPyodide` and `createPyodideModule`.

    On a page from file:// browsers start no side thread that is a module, and import none into one. Raises `SystemExit`
    where the modules do not have exactly the places that are changed.
    """
    loader, module = (files[name].decode("utf-8") for name in ("pyodide.mjs", "pyodide.asm.mjs"))
    loader = _changed(loader, r"export\{(\w+) as loadPyodide,\w+ as version\};\n//# .*\s*$", r"self.loadPyodide=\1;", 1)
    module = _changed(module, r"export default (\w+);\s*$", r"self.createPyodideModule=\1;", 1)
    module = _changed(module, r"\bimport\.meta\.url\b", "self.location.href", 3)
    return "".join(f"(() => {{\n{script}\n}})();\n" for script in (loader, module)).encode("utf-8")


def _changed(script: str, pattern: str, new: str, times: int) -> str:
    script, changed = re.subn(pattern, new, script)
    if changed != times:
        raise SystemExit(f"Pyodide's {pattern}: {times} were expected, and {changed} are there")
    return script


def blocks() -> dict[str, bytes]:
    """Return what is embedded, by the names that page.js has for it, compressed."""
    files = pyodide()
    plain = {
        "runtime": runtime(files),
        "code": stored(code()),
        "stdlib": library(files),
        "wasm": files["pyodide.asm.wasm"],
    }
    return {name: _deflated(octets) for name, octets in plain.items()} | {"suite": packed_suite()}


def _deflated(octets: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(octets) + compressor.flush()


def settings() -> dict[str, object]:
    """Return what page.js reads: texts, what Pyodide is, the lines for the console, and the files of the example."""
    (version,) = re.findall(r'__version__ = "(.+)"', (ROOT / "ecpure" / "__init__.py").read_text(encoding="utf-8"))
    (first, *_) = re.findall(r"```python\n(>>> .*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    files = ROOT / "docs" / "examples" / "files"
    return {
        "texts": json.loads((PAGE / "texts.json").read_text(encoding="utf-8")),
        "version": version,
        "pyodide": PYODIDE,
        "info": json.loads(pyodide()["pyodide-lock.json"])["info"],
        "lines": "".join(example.source for example in doctest.DocTestParser().get_examples(first)),
        "example": {name: base64.b64encode((files / name).read_bytes()).decode("ascii") for name in _EXAMPLE},
    }


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") + "'"


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: this script, this style, the side thread, no connection."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hash(script)} 'wasm-unsafe-eval'",
            f"style-src {_hash(style)}",
            "worker-src blob:",
            "connect-src 'none'",
            "img-src data:",
            "form-action 'none'",
            "base-uri 'none'",
        ]
    )


def page() -> str:
    """Return the page."""
    style, script, worker, html = (
        (PAGE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js", "worker.js", "page.html")
    )
    style, script = f"\n{style}", f"\n{script}"
    data = "\n".join(
        f'<script type="application/octet-stream" id="data-{name}">{base64.b64encode(octets).decode("ascii")}</script>'
        for name, octets in blocks().items()
    )
    parts = {
        "POLICY": policy(style, script),
        "STYLE": style,
        "SETTINGS": json.dumps(settings(), ensure_ascii=True, sort_keys=True).replace("<", "\\u003c"),
        "WORKER": worker,
        "SCRIPT": script,
        "DATA": data,
    }
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: parts[found[1]], html)


def main() -> int:
    """Write dist/ecpure.html, and print its size and sum. Raises `SystemExit` if it is too large or cannot be built."""
    try:
        octets = page().encode("utf-8")
    except urllib.error.URLError as error:
        raise SystemExit(f"npm's registry, for Pyodide {PYODIDE}: {error.reason}") from None
    if len(octets) >= LARGEST:
        raise SystemExit(f"{OUT.name}: {len(octets):,} bytes; fewer than {LARGEST:,} were expected")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(octets)
    print(f"{OUT.relative_to(ROOT)}: {len(octets):,} bytes\nSHA-256 {hashlib.sha256(octets).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
