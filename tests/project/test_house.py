"""What is true for all of the package: its public face, how it is written, and what importing it does."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ecpure
from ecpure import SECP224K1, Point, auth, integers, sec1, signing
from ecpure import curve as curves

PACKAGE = Path(ecpure.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))


def test_only_integers_names_gmpy2() -> None:
    """The choice of integers is made in one place."""
    for path in FILES:
        named = "gmpy2" in {
            alias.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        assert named == (path == PACKAGE / "integers.py")


def test_no_assert_guards_anything() -> None:
    """`python -O` removes assert statements; the package has none."""
    for path in FILES:
        assert not [
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Assert)
        ]


def test_every_public_name_loads_and_is_documented() -> None:
    """`__all__` is the public face; each name has a docstring, and an unknown one is an AttributeError."""
    for name in ecpure.__all__:
        value = getattr(ecpure, name)
        assert name in dir(ecpure)
        assert name.startswith("SECP") or inspect.getdoc(value)
    with pytest.raises(AttributeError):
        getattr(ecpure, "nothing")  # noqa: B009  # the attribute's absence is what is tested
    source = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    typed = {alias.asname for node in ast.walk(source) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed - {None} == set(ecpure.__all__)


def test_options_go_by_name() -> None:
    """Which curve, which hash, which form: a call has to name what it says of these, and so has one of `signing`."""
    options = {"curve", "compressed", "hash", "low_s", "extra_entropy", "self_verify", "server_nonce", "public_key"}
    places = [ecpure.Point, ecpure.PrivateKey, ecpure.PublicKey, ecpure.Signature]
    members: list[tuple[str, object]] = []
    for place in places:
        members += inspect.getmembers(place, inspect.isroutine)
    members += [(name, f) for name, f in inspect.getmembers(auth, callable) if not name.startswith("require_")]
    methods = [function for name, function in members if not name.startswith("_")]
    found = set()
    for function in [*methods, Point.__init__, sec1.encode_point, signing.sign]:
        if inspect.ismethod(function) or inspect.isfunction(function):
            kinds = {name: parameter.kind for name, parameter in inspect.signature(function).parameters.items()}
            named = options & kinds.keys() - ({"curve"} if function is signing.sign else set())  # what it is about
            assert all(kinds[name] == inspect.Parameter.KEYWORD_ONLY for name in named), function
            found |= named
    assert found == options
    _, *parameters = inspect.signature(ecpure.Curve.__init__).parameters.values()
    assert {parameter.kind for parameter in parameters} == {inspect.Parameter.KEYWORD_ONLY}


def test_functions_are_short() -> None:
    """No function is longer than forty lines, its docstring not counted."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                assert not body or (body[-1].end_lineno or 0) - body[0].lineno < 40, f"{path}: {node.name}"


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["python", "gmpy2"])
def test_the_environment_chooses_the_backend(name: str) -> None:
    """ECPURE_BACKEND decides at import."""
    result = run("import ecpure; print(ecpure.backend(), type(ecpure.SECP224K1.field).__name__)", ECPURE_BACKEND=name)
    assert result.stdout.split() == [name, {"python": "int", "gmpy2": "mpz"}[name]], result.stderr


def test_the_backend_under_test_is_the_one_asked_for() -> None:
    """The suite runs on what ECPURE_BACKEND says, and the numbers inside are of that kind."""
    wanted = os.environ.get("ECPURE_BACKEND", "auto")
    assert wanted in ("auto", ecpure.backend())
    assert type(SECP224K1.field).__name__ == {"python": "int", "gmpy2": "mpz"}[ecpure.backend()]
    assert integers.backend_version().startswith(ecpure.backend())


def test_an_unknown_backend_is_one_sentence() -> None:
    """ECPURE_BACKEND of another word is refused at import, by the package's own ImportError."""
    result = run(
        "import ecpure\ntry: ecpure.backend()\nexcept ImportError as e: print(type(e).__name__, e)",
        ECPURE_BACKEND="rust",
    )
    assert result.stdout.strip() == "BackendUnavailable ECPURE_BACKEND: one of auto, gmpy2, python was expected"


def test_the_backends_are_those_that_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's integers are always there, gmpy2's where it can be found."""
    assert integers.installed_backends() == ["python", "gmpy2"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert integers.installed_backends() == ["python"]


def test_importing_builds_no_table() -> None:
    """Importing everything that a signer needs leaves both curves without tables and derived constants."""
    code = """
from ecpure import SECP224K1, SECP256K1, PrivateKey
print([{"base", "endomorphism"} & vars(curve).keys() for curve in (SECP224K1, SECP256K1)])
"""
    assert run(code).stdout.strip() == "[set(), set()]"


def test_curves_are_found_by_name_and_made_when_they_are() -> None:
    """Each name has its curve; and neither importing the command nor its parser makes one."""
    assert [curves.named(name).name for name in curves.NAMES] == list(curves.NAMES) == ["secp224k1", "secp256k1"]
    code = "import sys; from ecpure import cli; cli.parser(); print('ecpure.curve' in sys.modules)"
    assert run(code).stdout == "False\n"


def test_python_without_asserts_checks_as_much() -> None:
    """Under -O an off-curve point, a key of 0 and an invalid signature are refused as ever."""
    code = """
from ecpure import EcpureError, Point, PrivateKey, PublicKey, Signature
off_curve = b"\\x04" + bytes(56)
refused = 0
for make, *arguments in (Point, 1, 1), (PrivateKey.from_int, 0), (PublicKey.from_bytes, off_curve), (Signature, 0, 1):
    try:
        make(*arguments)
    except EcpureError:
        refused += 1
print(refused, PrivateKey.from_int(5).public_key.verify(Signature(1, 1), b'm'))
"""
    result = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, check=False)
    assert result.stdout.split() == ["4", "False"], result.stderr
