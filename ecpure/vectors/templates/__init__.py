"""Programs to be put to the test, for a start: each answers the requests of docs/vectors.md in another language."""

from __future__ import annotations

from importlib.resources import files

TEMPLATES = {
    "python": "program.py.txt",
    "node": "program.mjs",
    "go": "program.go",
    "java": "Program.java",
    "c": "program.c",
    "rust": "program.rs",
}
"""By language, the file beside this one."""


def template(language: str) -> bytes:
    """Return the program for this language, one of `TEMPLATES`."""
    return files(__package__).joinpath(TEMPLATES[language]).read_bytes()
