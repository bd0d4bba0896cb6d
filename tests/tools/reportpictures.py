"""Pictures of the two reports that can be filed, as Chromium shows them: `python tests/tools/reportpictures.py`.

It runs what docs/archives.md and docs/audit-archives.md show, in a copy of the examples' files, and writes
docs/pictures/report-*.png. Without Chromium it changes nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = {
    "archives.md": ("report-verify-many.png", "<h1>", 860, 1310),
    "audit-archives.md": ("report-audit.png", '<h2 id="findings">', 800, 850),
}
"""For each page of docs/, the picture, and what is on it: from which heading on, how wide and how high."""

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def command(page: str) -> list[str]:
    """Return the words of the command that a page of docs/ shows."""
    (line,) = re.findall(r"^ecpure .* --html report\.html$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    return [sys.executable, "-m", *line.split()]


def shoot(browser: str, page: Path, picture: Path, width: int, height: int) -> None:
    """Write a picture of the page's upper part."""
    with tempfile.TemporaryDirectory() as profile:
        size = f"--window-size={width},{height}"
        words = [browser, *OPTIONS, f"--user-data-dir={profile}", "--hide-scrollbars", size, f"--screenshot={picture}"]
        subprocess.run([*words, page.as_uri()], check=True, capture_output=True)


def main() -> None:
    """Make the reports, and their pictures."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        print("Chromium is not there: no picture was made.", file=sys.stderr)
        return
    for page, (name, start, width, height) in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder, "play")
            shutil.copytree(DOCS / "examples" / "files", files)
            environment = os.environ | {"PYTHONPATH": str(DOCS.parent)}
            subprocess.run(command(page), cwd=files, env=environment, check=False)
            report = files / "report.html"
            head, _, body = report.read_text(encoding="utf-8").partition("<body>")
            report.write_text(f"{head}<body>{start}{body.partition(start)[2]}", encoding="utf-8")
            shoot(browser, report, DOCS / "pictures" / name, width, height)


if __name__ == "__main__":
    main()
