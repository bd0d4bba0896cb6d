"""The package's face: names are loaded when they are used, and tracebacks and pickles show them as the package's."""

from __future__ import annotations

import pickle
import pickletools
import re
import subprocess
import sys
import traceback
from pathlib import Path
from types import ModuleType

import pytest

import ecpure
from ecpure import SECP224K1, SECP256K1, Curve, InvalidEncoding, PrivateKey, Signature

TOY = Curve(name="toy", p=13, b=2, n=19, gx=1, gy=4)
KEY = PrivateKey.from_int(0xC0FFEE)
VALUES = {
    "a curve": TOY,
    "secp224k1": SECP224K1,
    "secp256k1": SECP256K1,
    "a point": SECP224K1.G,
    "a point of secp256k1": 2 * SECP256K1.G,
    "a point of another curve": TOY.G,
    "infinity": SECP224K1.infinity,
    "a public key": KEY.public_key,
    "a public key, prepared": KEY.public_key.prepare(),
    "a signature": Signature(5, 6),
    "an exception": InvalidEncoding("a sentence", octet=7),
}
MODULES = {name for name in ecpure.__all__ if isinstance(getattr(ecpure, name), ModuleType)}
CONSTANTS = {"SECP224K1", "SECP256K1"}


def printed(code: str) -> list[str]:
    """Return the lines that the code prints in a process of its own."""
    words = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_importing_the_package_loads_next_to_nothing() -> None:
    """A name loads its module, with what that imports, when it is first used."""
    code = """
import sys
def loaded():
    print(*sorted(name for name in sys.modules if name.startswith("ecpure")))
import ecpure
loaded()
ecpure.InvalidKey
loaded()
from ecpure import backend
loaded()
ecpure.Signature
print("ecpure.curve" in sys.modules, "ecpure.publickey" in sys.modules, "ecpure.vectors" in sys.modules)
"""
    assert printed(code) == [
        "ecpure ecpure.values",
        "ecpure ecpure.errors ecpure.values",
        "ecpure ecpure.errors ecpure.integers ecpure.values",
        "True False False",
    ]


def test_a_name_is_looked_up_once() -> None:
    """What was used is an attribute of the package from then on, the same as in its own module."""
    for name in ecpure.__all__:
        assert getattr(ecpure, name) is vars(ecpure)[name]
    assert ecpure.PrivateKey is sys.modules["ecpure.privatekey"].PrivateKey
    assert ecpure.auth is sys.modules["ecpure.auth"]


def test_a_name_that_is_not_there_is_said_to_be_missing() -> None:
    """Such as that of a module that was not imported: in the words of any module."""
    for name in ("nothing", "__path", "privatekeys"):
        with pytest.raises(AttributeError, match=rf"^module 'ecpure' has no attribute '{name}'$"):
            getattr(ecpure, name)


def test_the_names_are_listed() -> None:
    """`dir` has them before they are used, `import *` brings them all, and the version is beside them."""
    names = set(ecpure.__all__)
    assert printed("import ecpure; print(set(ecpure.__all__) <= set(dir(ecpure)), 'Curve' in vars(ecpure))") == [
        "True False"
    ]
    assert dir(ecpure) == sorted(dir(ecpure))
    everything: dict[str, object] = {}
    exec("from ecpure import *", everything)
    assert everything.keys() - {"__builtins__"} == names
    assert re.fullmatch(r"\d+\.\d+\.\d+", ecpure.__version__)


@pytest.mark.parametrize("name", sorted(set(ecpure.__all__) - MODULES - CONSTANTS))
def test_a_public_class_or_function_is_the_package_s(name: str) -> None:
    """It says that it is of `ecpure`, by the name that users import it by."""
    value = getattr(ecpure, name)
    assert (value.__module__, value.__qualname__) == ("ecpure", name)


def test_the_other_names_are_modules_and_curves() -> None:
    """Modules have their own paths, and the curves are what they are instances of."""
    assert MODULES == {"auth", "bulk", "vectors"}
    assert {getattr(ecpure, name).__name__ for name in MODULES} == {f"ecpure.{name}" for name in MODULES}
    assert {repr(getattr(ecpure, name)) for name in CONSTANTS} == {"<Curve secp224k1>", "<Curve secp256k1>"}


def test_a_traceback_names_the_exception_as_it_is_imported() -> None:
    """`ecpure.InvalidKey`, whatever module it is defined in; its frames show the modules."""
    with pytest.raises(ecpure.InvalidKey) as refusal:
        PrivateKey.from_int(0)
    lines = traceback.format_exception(refusal.value)
    assert lines[-1].startswith("ecpure.InvalidKey: private key: ")
    assert str(Path("ecpure", "privatekey.py")) in lines[-2]
    assert repr(PrivateKey) == "<class 'ecpure.PrivateKey'>"


def modules_in(pickled: bytes) -> set[str]:
    """Return the modules from which a pickle has names looked up."""
    found, strings = set(), list[str]()
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name == "GLOBAL":
            found.add(str(argument).partition(" ")[0])
        elif opcode.name == "STACK_GLOBAL":
            found.add(strings[-2])
        elif isinstance(argument, str):
            strings.append(argument)
    return found


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_pickles_name_no_module_but_the_package(value: object, protocol: int) -> None:
    """In every protocol; so that where a class is defined may change without making pickles unreadable."""
    pickled = pickle.dumps(value, protocol)
    assert modules_in(pickle.dumps(value, 0)) - {"__builtin__", "builtins", "copy_reg", "functools"} == {"ecpure"}
    assert b"ecpure." not in pickled
    again = pickle.loads(pickled)
    if isinstance(value, Exception):
        assert repr(again) == repr(value)
    else:
        assert again == value
        assert (again is value) == (value in (SECP224K1, SECP256K1, SECP224K1.infinity))


@pytest.mark.parametrize("name", sorted(set(ecpure.__all__) - MODULES))
def test_classes_functions_and_curves_are_pickled_by_name(name: str) -> None:
    """The pickle gives the thing itself, and has no more than the package's name and its own."""
    value = getattr(ecpure, name)
    assert pickle.loads(pickle.dumps(value)) is value
    assert pickle.dumps(value, 0).startswith(f"cecpure\n{name}\n".encode())


def test_pickles_are_read_where_nothing_was_imported() -> None:
    """The package loads what a pickle asks for; the curve of a key is the one and only secp224k1."""
    pickled = pickle.dumps([value for value in VALUES.values() if not isinstance(value, Exception)])
    code = f"""
import pickle
values = pickle.loads({pickled!r})
import ecpure
print(*map(repr, values), sep="\\n")
print(values[-2].curve is ecpure.SECP224K1, values[1] is ecpure.SECP224K1)
"""
    shown = [repr(value) for value in VALUES.values() if not isinstance(value, Exception)]
    assert printed(code) == [*shown, "True True"]


def test_private_keys_are_pickled_in_no_way() -> None:
    """Neither on their own, nor inside of something else."""
    for value in (KEY, [KEY], {"key": KEY}):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="cannot be pickled"):
                pickle.dumps(value, protocol)
