"""Pages of HTML as a browser reads them: their text, their tables, and whether they need anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

_EMPTY = {"meta"}  # elements that have no end


class Page(HTMLParser):
    """A page that was read, and checked to be whole: every element has its end, and nothing is loaded or run."""

    def __init__(self, octets: bytes) -> None:
        super().__init__(convert_charrefs=True)
        source = octets.decode("utf-8")
        assert source.startswith("<!DOCTYPE html>\n")
        assert source.endswith("</body>\n</html>\n")
        self.text = ""
        self.rows: list[list[str]] = []
        self.escapes: list[str] = []
        self._open: list[str] = []
        self._ids: list[str] = []
        self._links: list[str] = []
        self.feed(source)
        self.close()
        assert not self._open
        assert len(set(self._ids)) == len(self._ids)
        assert set(self._links) <= set(self._ids)
        self.words = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a start: of an element that loads nothing, and does nothing when it is touched."""
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "form", "base", "svg"}
        for name, value in attrs:
            assert name in {
                "lang",
                "charset",
                "http-equiv",
                "content",
                "name",
                "class",
                "id",
                "href",
                "datetime",
                "data-is",
            }
            if name == "href":
                assert value is not None
                assert value[0] == "#"
                self._links.append(value[1:])
            if name == "id":
                assert value is not None
                self._ids.append(value)
        if tag not in _EMPTY:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag == "samp":
            self.escapes.append("")

    def handle_endtag(self, tag: str) -> None:
        """Take an end, which is that of the last element that was begun."""
        assert self._open.pop() == tag
        if tag not in {"bdi", "samp", "b", "code", "time", "a"}:
            self.text += " "

    def handle_data(self, data: str) -> None:
        """Take text; style has none that a reader sees, and loads nothing."""
        if "style" in self._open:
            assert not re.search(r"url\(|@import|\\", data)
            return
        self.text += data if data.strip() else " "
        if "td" in self._open or "th" in self._open:
            self.rows[-1][-1] += data
        if "samp" in self._open:
            self.escapes[-1] += data


def facts(report: Any, name: str = "") -> Iterator[str]:
    """Yield every fact of a report in JSON, as its page writes it. name: of the member that this is."""
    match report:
        case dict():
            for member, value in report.items():
                yield from facts(value, member)
        case list():
            for value in report:
                yield from facts(value, name)
        case True | False | None:
            pass
        case int():
            yield str(report) if name in {"line", "id"} else f"{report:,}"
        case str() if name == "date":
            yield f"{report[:10]} {report[11:-1]} UTC"
        case str() if name == "sentence":
            yield report[1:]
        case str() if name not in {"trusted", "reasons"}:
            yield report
