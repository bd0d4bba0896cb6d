"""Starting points for a program under test: each answers the requests of docs/vectors.md, in one language."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = {
    "python": "program.py.txt",
    "node": "program.mjs",
    "go": "program.go",
    "java": "Program.java",
    "c": "program.c",
    "rust": "program.rs",
}
"""The file in programs/, by language."""


def template(language: str) -> bytes:
    """Return the program for this language, one of `TEMPLATES`."""
    return Path(__file__).with_name("programs").joinpath(TEMPLATES[language]).read_bytes()
