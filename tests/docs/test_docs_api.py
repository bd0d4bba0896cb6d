"""docs/api.md: each public name is there, with its parameters, the exceptions that it raises, and an example."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import ecpure

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
MODULES = ("ecpure", "ecpure.auth", "ecpure.bulk", "ecpure.login", "ecpure.vectors")
EXCEPTIONS = {
    name for name in ecpure.__all__ if inspect.isclass(thing := getattr(ecpure, name)) and issubclass(thing, Exception)
}
INSIDE = {
    "ecpure.Curve": {"base", "check", "comb", "endomorphism", "field", "field_octets", "hash_name", "hash_to_verify"}
    | {"infinity", "order", "scalar_octets"},
    "ecpure.Point": {"affine", "coordinates", "curve"},
    "ecpure.PublicKey": {"comb"},
}
"""Attributes of public classes that are for the package itself, or that the class's own docstring tells."""

MADE_ELSEWHERE = {"ecpure.PrivateKey", "ecpure.login.ServerSession"}
"""Classes that nobody calls: other functions make their objects."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the page has of a name: after its directive, what is further in, up to the next directive."""

    kind: str
    name: str
    text: str

    @property
    def thing(self) -> object:
        module = max((module for module in MODULES if self.name.startswith(module + ".")), key=len)
        attributes = self.name.removeprefix(module + ".").split(".")
        return reduce(inspect.getattr_static, attributes[1:], getattr(import_module(module), attributes[0]))

    @property
    def function(self) -> object:
        """What is called: of a class, its __init__; of a property, what computes it."""
        thing = self.thing
        if isinstance(thing, type):
            return thing.__dict__.get("__init__")
        if isinstance(thing, property):
            return thing.fget
        if isinstance(thing, cached_property):
            return thing.func
        return getattr(thing, "__func__", thing)

    @property
    def docstring(self) -> str:
        return inspect.getdoc(self.thing) or ""

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"^ *:param (\w+): \S", self.text, re.MULTILINE)

    @property
    def raised(self) -> list[str]:
        return re.findall(r"^ *:raises (\w+): \S", self.text, re.MULTILINE)


def entries() -> Iterator[Entry]:
    """Yield the page's entries; a member's name is put after that of its class."""
    outer = ""
    for found in re.finditer(
        r"^( *)\.\. (auto\w+|attribute|data):: ([\w.]+)\n(.*?)(?=^ *\.\. |^```)", PAGE, re.MULTILINE | re.DOTALL
    ):
        indent, kind, name, text = found.groups()
        if not indent:
            outer = name
        yield Entry(kind, name if not indent else f"{outer}.{name}", text)


ENTRIES = {entry.name: entry for entry in entries()}
CALLED = [
    entry for entry in ENTRIES.values() if entry.kind in ("autoclass", "autofunction", "automethod", "autoproperty")
]


def test_the_examples_are_one_session_that_gives_what_stands_there() -> None:
    """From the first to the last of the page."""
    examples = doctest.DocTestParser().get_doctest(PAGE, {}, "api.md", "api.md", 0)
    results = doctest.DocTestRunner().run(examples)
    assert results.attempted >= 100
    assert results.failed == 0


def test_every_public_name_is_on_the_page() -> None:
    """All that `ecpure` has, and the members of its classes."""
    for name in ecpure.__all__:
        thing = getattr(ecpure, name)
        if isinstance(thing, ModuleType):
            assert any(entry.startswith(f"ecpure.{name}.") for entry in ENTRIES), name
            continue
        assert name == "SECP256K1" or f"ecpure.{name}" in ENTRIES, name
        if isinstance(thing, type) and name not in EXCEPTIONS:
            public = {member for member in vars(thing) if not member.startswith("_")} - INSIDE.get(
                f"ecpure.{name}", set()
            )
            slots = {member for member in public if inspect.ismemberdescriptor(inspect.getattr_static(thing, member))}
            told = {member for member in slots if f":param {member}:" in ENTRIES[f"ecpure.{name}"].text}
            assert {f"ecpure.{name}.{member}" for member in public - told} <= set(ENTRIES), name


@pytest.mark.parametrize("entry", CALLED, ids=lambda entry: entry.name)
def test_every_name_has_its_parameters_and_an_example(entry: Entry) -> None:
    """In the order of the signature; each has a docstring of its own as well."""
    assert entry.docstring
    example = "\n".join(re.findall(r"^ *>>> (.*)", entry.text, re.MULTILINE))
    if entry.name in MADE_ELSEWHERE:
        assert example
        assert entry.parameters == []
        return
    assert entry.name.rpartition(".")[2] in example
    names = inspect.signature(entry.function).parameters  # type: ignore[arg-type]
    assert entry.parameters == [name for name in names if name not in ("self", "cls")]


@pytest.mark.parametrize("entry", CALLED, ids=lambda entry: entry.name)
def test_every_exception_of_a_docstring_is_listed(entry: Entry) -> None:
    """`TypeError` is said once for all; no other is listed that does not exist."""
    sentences = re.findall(r"Raises? (.*?)(?:\.\s|\.$|$)", " ".join(entry.docstring.split()))
    named = {name for sentence in sentences for name in re.findall(r"`(\w+)`", sentence)}
    exceptions = EXCEPTIONS | {"OutOfTurn", "InvalidVectors", "OSError", "ValueError"}
    assert named & exceptions <= set(entry.raised) <= exceptions
