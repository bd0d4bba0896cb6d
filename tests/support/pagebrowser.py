"""The page in a browser: Debian's Chromium, or the program that $CHROMIUM names, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
OPTIONS += ["--disable-sync", "--no-first-run", "--disable-quic"]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 120_000
"""Milliseconds that anything may take: no test fails on a clock, but it ends."""


def program() -> str | None:
    """Return the path of the browser, or None where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """Run the browser, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program(), args=OPTIONS)
        yield started
        started.close()


class Visit:
    """The page, open in a context of its own without a network. requests: every one that was made. faults: what the
    page's scripts raised, and what the browser's console was told.
    """

    def __init__(self, browser: Browser, address: str, **settings: Any) -> None:
        self.context = browser.new_context(**{"offline": True, "locale": "en-GB", **settings})
        self.context.set_default_timeout(SECONDS)
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.goto(address)

    def ready(self) -> Visit:
        """Wait until Python is there."""
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self

    def drop(self, files: dict[str, bytes], folder: Path) -> Visit:
        """Choose the files, after those that are there, and wait for what is said of them."""
        paths = []
        for name, octets in files.items():
            (folder / name).write_bytes(octets)
            paths.append(folder / name)
        self.page.set_input_files("#files", paths)
        return self.judged()

    def judged(self) -> Visit:
        """Wait for what is said of the files."""
        self.page.wait_for_selector("#print:visible")
        return self

    def has(self, place: str, text: str) -> None:
        """Wait until the place has the text in it. What waits for a function needs eval, which the policy forbids."""
        self.page.locator(place, has_text=text).wait_for()

    def verdicts(self) -> list[str]:
        """Return the words at the head of each verdict."""
        words: list[str] = self.page.locator(".verdict h3").all_inner_texts()
        return words

    def said(self) -> str:
        """Return all of the result as text."""
        text: str = self.page.inner_text("#results")
        return text
