"""The JSON Schemas of ecpure's own vector forms: the suite fits them, and what is damaged does not."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

VECTORS = Path(__file__).parents[2] / "vectors"
SCHEMAS = sorted((VECTORS / "schemas").iterdir())
NAMES = [path.name for path in SCHEMAS]

Content = dict[str, Any]


@functools.cache
def suite() -> dict[str, list[Content]]:
    """Return the files of the suite by the schema that they name."""
    files: dict[str, list[Content]] = {}
    for path in sorted((VECTORS / "suite").iterdir()):
        content = json.loads(path.read_text(encoding="ascii"))
        files.setdefault(content["schema"], []).append(content)
    return files


@functools.cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((VECTORS / "schemas" / name).read_text(encoding="utf-8")))


def small(name: str) -> Content:
    """Return a copy of a file of the form, cut down to the first test of each result in each type of group."""
    return copy.deepcopy(_small(name))


@functools.cache
def _small(name: str) -> Content:
    content = suite()[name][0]
    groups: Content = {}
    for group in content["testGroups"]:
        tests = {test["result"]: test for test in reversed(group["tests"])}
        groups.setdefault(group["type"], {**group, "tests": list(tests.values())})
    return {**content, "testGroups": list(groups.values())}


def objects(name: str) -> Iterator[tuple[Content, Content]]:
    """Yield a cut down file anew for each object in it that a schema has the fields of, together with that object."""
    count = len(list(_inner(small(name))))
    for number in range(count):
        content = small(name)
        yield content, list(_inner(content))[number]


def _inner(content: Content) -> Iterator[Content]:
    yield content
    yield from content["notes"].values()
    for group in content["testGroups"]:
        yield group
        yield from (group[part] for part in ("source", "publicKey", "privateKey") if isinstance(group.get(part), dict))
        yield from group["tests"]


def test_every_form_has_its_schema() -> None:
    """The suite's own forms and the schemas are the same, and a schema says its name."""
    assert NAMES == sorted(name for name in suite() if name.startswith("ecpure_"))
    for name in NAMES:
        schema = json.loads((VECTORS / "schemas" / name).read_text(encoding="utf-8"))
        assert schema["$id"] == schema["properties"]["schema"]["const"] == name


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_and_strict(name: str) -> None:
    """It is a schema of draft 2020-12; every object in it has all of its fields said, in words, and no others."""
    schema = validator(name).schema
    Draft202012Validator.check_schema(schema)

    def walk(part: Any) -> Iterator[Content]:
        if isinstance(part, dict):
            yield part
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from walk(inner)

    with_fields = [part for part in walk(schema) if "properties" in part and "type" in part]
    assert len(with_fields) >= 5
    for part in with_fields:
        assert part["additionalProperties"] is False
        for field, meaning in part["properties"].items():
            assert "description" in meaning or "$ref" in meaning, field


@pytest.mark.parametrize("name", NAMES)
def test_the_suite_fits(name: str) -> None:
    """Every file of the form fits its schema; so does the cut down one that is damaged below."""
    for content in [*suite()[name], small(name)]:
        assert [error.message for error in validator(name).iter_errors(content)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_field_may_be_missing(name: str) -> None:
    """Whatever is taken away is missed, but for a note's effect."""
    taken = set()
    for content, part in objects(name):
        for field, value in list(part.items()):
            if field != "effect":
                del part[field]
                assert not validator(name).is_valid(content), field
                part[field] = value
                taken.add(field)
        assert validator(name).is_valid(content)
    assert {"schema", "bugType", "type", "tcId", "result"} <= taken


@pytest.mark.parametrize("name", NAMES)
def test_no_other_field_may_be_there(name: str) -> None:
    """A field that the form has not is refused, wherever it stands."""
    for content, part in objects(name):
        part["unknown"] = "00"
        assert not validator(name).is_valid(content), sorted(part)


@pytest.mark.parametrize("word", ["acceptable", "Valid", "", None, True])
@pytest.mark.parametrize("name", NAMES)
def test_no_other_result_is_known(name: str, word: object) -> None:
    """A result is valid or invalid, in each type of group; acceptable only where a standard leaves it open."""
    if (name, word) == ("ecpure_sign_digest_schema_v1.json", "acceptable"):
        word = "invalid"
    for number in range(len(small(name)["testGroups"])):
        content = small(name)
        content["testGroups"][number]["tests"][0]["result"] = word
        assert not validator(name).is_valid(content)


ANSWERS = {
    "point": "point",
    "square_root": "root",
    "recover": "publicKeys",
    "recover_digest": "publicKeys",
    "key": "key",
    "multiply": "product",
    "login": "privateKey",
}


@pytest.mark.parametrize(("form", "field"), ANSWERS.items())
def test_what_is_invalid_has_no_answer(form: str, field: str) -> None:
    """Only a valid test has an answer."""
    name = f"ecpure_{form}_schema_v1.json"
    content = small(name)
    by_result = {test["result"]: test for test in content["testGroups"][0]["tests"]}
    by_result["invalid"][field] = by_result["valid"][field]
    assert not validator(name).is_valid(content)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ("verify_digest", "digest"),
        ("sign", "sig"),
        ("sign_digest", "digest"),
        ("recover_digest", "digest"),
        ("multiply", "product"),
        ("point", "point"),
        ("square_root", "value"),
        ("recover", "sig"),
        ("key", "encoded"),
        ("login", "privateKey"),
    ],
)
def test_hex_is_lower_case_and_whole(form: str, field: str) -> None:
    """Octets are lower-case hex, two digits each."""
    name = f"ecpure_{form}_schema_v1.json"
    for shape in ("{}AB", "{}a", " {}"):
        content = small(name)
        test = next(test for group in content["testGroups"] for test in group["tests"] if field in test)
        test[field] = shape.format(test[field])
        assert not validator(name).is_valid(content)
