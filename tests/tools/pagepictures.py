"""Pictures of the page that verifies in a browser: `python tests/tools/pagepictures.py [FOLDER]`.

It writes those of docs/pictures; with FOLDER, also one of every state at two widths, to be looked at. The page is built
for it. It needs Chromium and Playwright.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT), str(ROOT / "tests" / "support")]

import pagebrowser  # noqa: E402
import pagefiles  # noqa: E402
from pagebrowser import Visit  # noqa: E402

from page import build  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = ROOT / "docs" / "pictures"
FILES = ROOT / "docs" / "examples" / "files"
WIDTHS = (375, 1000)


def example(*names: str) -> pagefiles.Files:
    """Return files of the examples."""
    return {Path(name).name: (FILES / name).read_bytes() for name in names}


def states(keys: Path) -> dict[str, pagefiles.Files]:
    """Return the files of every state, by its name."""
    kinds = pagefiles.valid(keys)
    return {
        "start": {},
        "valid": example("receipt.tar.bz2", "station.pem"),
        "invalid": example("receipts.zip", "station.pem"),
        "no-key": example("receipt.tar.bz2"),
        "no-signature": example("secrrct", "station.pem"),
        "ticket": example("ticket", "rpcn.pem"),
        "message": kinds["message"][1],
        "p256": kinds["p256"][1],
        "hostile": pagefiles.hostile() | {"key.pem": (keys / "key.pem").read_bytes()},
    }


def shoot_all(browser: Browser, address: str, folder: Path, scratch: Path) -> None:
    """Write a picture of every state, in two widths, languages and schemes."""
    for width, locale, scheme in zip(WIDTHS, ("de-DE", "en-GB"), ("dark", "light"), strict=True):
        for name, files in states(pagefiles.make(scratch)).items():
            size = {"width": width, "height": 800}
            visit = Visit(browser, address, locale=locale, color_scheme=scheme, viewport=size).ready()
            if files:
                visit.drop(files, scratch)
            visit.page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
            if name == "valid":
                visit.page.emulate_media(media="print")
                visit.page.pdf(path=folder / f"{name}-{width}.pdf", format="A4")
            visit.context.close()


def shoot_docs(browser: Browser, address: str, scratch: Path) -> None:
    """Write the pictures of docs/: the page as it opens, with its answer to a receipt, and to a changed one."""
    changed = example("receipts.zip", "station.pem")
    for name, files, height in (
        ("page", {}, 595),
        ("page-valid", example("receipt.tar.bz2", "station.pem"), 1030),
        ("page-invalid", changed, 300),
    ):
        size = {"width": 860, "height": height}
        visit = Visit(browser, address, color_scheme="light", viewport=size).ready()
        if files:
            visit.drop(files, scratch)
            place = ".verdict.invalid" if name == "page-invalid" else "#results"
            visit.page.evaluate(f"document.querySelector('{place}').scrollIntoView()")
        visit.page.screenshot(path=PICTURES / f"{name}.png")
        visit.context.close()


def main() -> None:
    """Build the page, and make its pictures."""
    with tempfile.TemporaryDirectory() as name, pagebrowser.browser() as browser:
        scratch = Path(name)
        path = scratch / "ecpure.html"
        path.write_text(build.page(), encoding="utf-8")
        shoot_docs(browser, path.as_uri(), scratch)
        for folder in map(Path, sys.argv[1:2]):
            folder.mkdir(parents=True, exist_ok=True)
            shoot_all(browser, path.as_uri(), folder, scratch)


if __name__ == "__main__":
    main()
