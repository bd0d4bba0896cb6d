"""Flip one random bit somewhere in the middle of signing, and see which check withholds the result.

Each fault is put into the package's own functions: from their source, with one statement added that flips the bit. Each
is signed with no check, with each check alone, with those that are always on, and with `self_verify=True` besides.
Bits of what is kept from one signature to the next flip as well: the fault is to be noticed once, and then be gone.
`make faults` runs it; the record is docs/evidence/faults.json, and what self_verify costs is in it.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import inspect
import json
import os
import statistics
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from types import FunctionType
from typing import Any, NamedTuple
from unittest import mock

import ledger
from ledger import BACKENDS, Record, number, say

from ecpure import (
    SECP224K1,
    Curve,
    FaultDetected,
    PrivateKey,
    PublicKey,
    Signature,
    backend,
    basepoint,
    field,
    group,
    masks,
    signing,
)
from ecpure.basepoint import BasePoint
from ecpure.comb import Comb
from ecpure.masks import STEPS, Mask

INJECTIONS = 2_000
SEED = 6979
FIELD_BITS = SECP224K1.p.bit_length()

CHECKS = {
    "table": "table",
    "mask": "u + (k − u) = k",
    "curve": "R on curve",
    "equation": "s·k = e + r·d",
    "self_verify": "self_verify",
}
DEFAULT = frozenset({"table", "mask", "curve", "equation"})
CONFIGURATIONS: dict[str, frozenset[str]] = {
    "none": frozenset(),
    **{name: frozenset({name}) for name in CHECKS},
    "default": DEFAULT,
    "all": DEFAULT | {"self_verify"},
}

RIGHT, ANOTHER, WRONG, WITHHELD, FAILED = "right", "another", "wrong", "withheld", "failed"
"""What leaves: the right signature, another valid one, an invalid one; or nothing, by a check or an error."""


# Putting faults into functions, and taking checks out of them


class Place(NamedTuple):
    """Before or after the statement of a function that gives `anchor` its value, the first or the last of them.

    An anchor "check" is the test that raises; "def" is the beginning of the function.
    """

    anchor: str
    before: bool = False
    last: bool = False


SIGN, ADD, SUBTRACT, DRAW = "sign_with_nonce", "plus", "subtracted_from", "draw"


def _assigned(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _is_check(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and isinstance(statement.body[0], ast.Raise)


def parsed(function: Callable[..., Any]) -> ast.FunctionDef:
    """Return the tree of a function."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise TypeError(f"{function}: a function was expected")
    tree.decorator_list = []
    return tree


def compiled(tree: ast.FunctionDef, function: Callable[..., Any], **names: Any) -> Callable[..., Any]:
    """Return the function of the tree, in the globals of the one that it came from, with these names besides."""
    future = ast.ImportFrom("__future__", [ast.alias("annotations")], 0)
    module = ast.fix_missing_locations(ast.Module([future, tree], []))
    scope = {**function.__globals__, **names}
    exec(compile(module, f"<{tree.name} with a fault>", "exec"), scope)
    changed: FunctionType = scope[tree.name]
    return changed


def insert(tree: ast.FunctionDef, place: Place, variables: tuple[str, ...]) -> None:
    """Add `v, … = FLIP(v, …)` for the variables at the place. Raises `LookupError` where the function has none such.

    What has a variable that is an attribute is copied before, so that the bit flips in this use and no other.
    """
    names = ", ".join(variables)
    flip = ast.parse(f"{names}, = FLIP({names},)").body
    if place.anchor == "def":
        owners = sorted({name.partition(".")[0] for name in variables if "." in name})
        tree.body[1:1] = [*ast.parse("".join(f"{owner} = COPY({owner})\n" for owner in owners)).body, *flip]
        return
    blocks = [body for node in ast.walk(tree) if isinstance(body := getattr(node, "body", None), list)]
    found = [
        (block, at)
        for block in blocks
        for at, statement in enumerate(block)
        if (place.anchor == "check" and _is_check(statement))
        or (isinstance(statement, (ast.Assign, ast.AugAssign)) and place.anchor in _assigned(statement))
    ]
    if not found:
        raise LookupError(f"{tree.name}: no statement gives {place.anchor} its value any more")
    block, at = found[-1 if place.last else 0]
    at += not place.before
    block[at:at] = flip


def keep_checks(tree: ast.FunctionDef, checks: frozenset[str]) -> None:
    """Leave of the checks in `sign_with_nonce`, or of those in `masks`, the ones that are named."""
    if tree.name in (SUBTRACT, DRAW):
        [check] = [statement for statement in tree.body if _is_check(statement) and "mask" in ast.unparse(statement)]
        if "mask" not in checks:
            tree.body.remove(check)
        return
    [(block, at)] = [
        (node.body, at)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        for at, statement in enumerate(node.body)
        if _assigned(statement) == {"right"}
    ]
    assigned = block[at]
    if not isinstance(assigned, ast.Assign) or not isinstance(assigned.value, ast.BoolOp):
        raise TypeError("sign_with_nonce: its test is not of two parts any more")
    parts = {"curve" if "y_R" in ast.unparse(part) else "equation": part for part in assigned.value.values}
    if parts.keys() != {"curve", "equation"}:
        raise LookupError("sign_with_nonce: its test is not of R and s·k any more")
    kept = [part for name, part in parts.items() if name in checks]
    assigned.value.values = [ast.Constant(True), ast.Constant(True), *kept]


# The faults


class Fault(NamedTuple):
    """A fault: what it is, the function and the place, and the variables, one of which is corrupted."""

    name: str
    owner: Any
    """The module or class that has the function."""
    function: str
    place: Place
    variables: tuple[str, ...]
    bits: int | None = None
    """Bits of which one is flipped, or None for those of the number itself."""
    passes: int = 1
    """How often the place is passed: one time of them is chosen."""


class Flip:
    """Flips one bit of one of the numbers that it is given, at the chosen one of its calls."""

    def __init__(self, fault: Fault, random: Random) -> None:
        self._call, self._choice, self._position = random.randrange(fault.passes), random.random(), random.random()
        self._bits = fault.bits
        self._calls = 0

    def again(self) -> None:
        """Begin anew: the same bit will flip."""
        self._calls = 0

    def __call__(self, *values: Any) -> tuple[Any, ...]:
        """Return the values, with the bit flipped or not."""
        self._calls += 1
        if self._calls != self._call + 1:
            return values
        changed = list(values)
        at = int(self._choice * len(changed))
        changed[at] = self._flipped(changed[at])
        return tuple(changed)

    def _flipped(self, value: Any) -> Any:
        if isinstance(value, tuple):  # a point
            at = int(self._choice * 997) % len(value)
            return (*value[:at], self._flipped(value[at]), *value[at + 1 :])
        width = self._bits or max(1, int(value).bit_length())
        return value ^ (1 << int(self._position * width))


USES = 2000  # after which the comb of the base point is as large as it gets
ROWS = 23  # that it has then
_START, _BEFORE, _IN_THE_SUM, _XYZ = Place("n"), Place("def"), Place("H", before=True), ("X", "Y", "ZZ", "ZZZ")

FAULTS = [
    Fault("x or y of R", signing, SIGN, Place("x_R"), ("x_R", "y_R"), FIELD_BITS),
    Fault("a coordinate during the sum", group, "add_all", _IN_THE_SUM, _XYZ, FIELD_BITS, ROWS + 1),
    Fault("a coordinate of the mask U", Mask, ADD, _BEFORE, ("self.U",), FIELD_BITS),
    Fault("a coordinate of a step V", Mask, ADD, _BEFORE, ("step.V",), FIELD_BITS),
    Fault("the mask −u", Mask, ADD, _BEFORE, ("self.minus_u",), 224),
    Fault("a step −v", Mask, ADD, _BEFORE, ("step.minus_v",), 224),
    Fault("k − u mod n", Mask, SUBTRACT, Place("k_minus_u"), ("k_minus_u",), 224),
    Fault("a digit of m", Comb, "points", Place("m"), ("m",), 224),
    Fault("the inverse of t·k", field, "divide_blinded", Place("inverse"), ("inverse",), 224),
    Fault("s, before the checks", signing, SIGN, Place("s"), ("s",), 224),
    Fault("d, e or k, between s and the checks", signing, SIGN, Place("s"), ("d", "e", "k"), 224),
    Fault("r, between s and the checks", signing, SIGN, Place("s"), ("r",), 224),
    Fault("k, between R and its inverse", signing, SIGN, Place("x_R"), ("long_k",)),
    Fault("k, before it is used", signing, SIGN, _START, ("k",), 224),
    Fault("d, before it is used", signing, SIGN, _START, ("d",), 224),
    Fault("e, before it is used", signing, SIGN, _START, ("e",), 224),
    Fault("r, before it is used", signing, SIGN, Place("r"), ("r",), 224),
    Fault("r or s, after the checks", signing, SIGN, Place("check"), ("r", "s"), 224),
]
TABLE_BUILT = "a table entry, as it is built"
TABLE_READ = "a table entry that is read, later"
_ORIGINALS = {fault.name: getattr(fault.owner, fault.function) for fault in FAULTS}

Injected = Callable[[str], contextlib.AbstractContextManager[object]]
"""What puts a fault into signing with a configuration of checks."""


def fresh_curve() -> Curve:
    """Return secp224k1 with tables of its own."""
    names = ("name", "p", "b", "n", "gx", "gy", "oid", "hash")
    return Curve(**{name: getattr(SECP224K1, name) for name in names})


def taken(base: BasePoint) -> Callable[[], None]:
    """Return what puts the masks and the uses of a base point back to what they are now."""
    walks, uses = [(walk, walk._mask, walk._left) for walk in base._walks], base._uses

    def put_back() -> None:
        base._walks[:], base._uses = [walk for walk, *_ in walks], uses
        for walk, mask, left in walks:
            walk._mask, walk._left = mask, left

    return put_back


def _flip_mask(base: BasePoint, random: Random) -> None:
    mask, bit, at = base._walks[-1]._mask, 1 << random.randrange(224), random.randrange(6)
    numbers = [mask.u, mask.minus_u, *mask.U]
    numbers[at] ^= bit
    mask.u, mask.minus_u, mask.U = numbers[0], numbers[1], (numbers[2], numbers[3], numbers[4], numbers[5])


def _flip_step(base: BasePoint, random: Random) -> None:
    walk, bit, at = base._walks[-1], 1 << random.randrange(224), random.randrange(4)
    step = walk._steps[int(walk._mask.U[0]) % STEPS]  # which is taken next
    numbers = [step.v, step.minus_v, *step.V]
    numbers[at] ^= bit
    step.v, step.minus_v, step.V = numbers[0], numbers[1], (numbers[2], numbers[3])


def _flip_row(base: BasePoint, random: Random) -> None:
    bit, (_, row) = 1 << random.randrange(2 * FIELD_BITS), random.choice(base._comb._rows)
    row[:] = [entry ^ bit for entry in row]


STORED: dict[str, Callable[[BasePoint, Random], None]] = {
    "u, −u or a coordinate of the mask": _flip_mask,
    "v, −v or a coordinate of the step that is next": _flip_step,
    "each entry of a row of the table": _flip_row,
}


class Signer:
    """Signs under a fault with one configuration of checks after the other, from the same state."""

    def __init__(self) -> None:
        self.curve = fresh_curve()
        rows = self.curve.base.for_uses(USES)._rows  # no table is made from here on
        if len(rows) != ROWS:
            raise RuntimeError(f"the comb has {len(rows)} rows: a fault in the sum would miss, or meet too few")
        self._random = Random(SEED)
        self._functions: dict[tuple[str, str], Callable[..., Any]] = {}
        self._flip: Any = None

    def fault(self, fault: Fault, injections: int) -> Record:
        """Return what comes of so many injections of the fault."""

        def injected(configuration: str) -> contextlib.AbstractContextManager[object]:
            self._flip.again()
            return self._injected(fault, configuration)

        def drawn() -> Injected:
            self._flip = Flip(fault, self._random)
            return injected

        return self._row(fault.name, injections, drawn)

    def leaving(self, fault: Fault, key: PrivateKey, message: bytes) -> Signature | None:
        """Return the signature that leaves under the default checks with one such fault."""
        self._flip = Flip(fault, self._random)
        put_back = taken(self.curve.base)
        with self._checks("default"), self._injected(fault, "default"):
            signature, _ = signed(key, message, self_verify=False)
        put_back()
        return signature

    def built(self, injections: int) -> Record:
        """Return what comes of flipping a bit of a table while it is built, and signing once with it."""
        build = Comb.__init__

        def drawn() -> Injected:
            which, where, bit = (self._random.random() for _ in range(3))

            def spoilt(comb: Comb, *arguments: Any) -> None:
                build(comb, *arguments)
                _, row = comb._rows[int(which * len(comb._rows))]
                row[int(where * len(row))] ^= 1 << int(bit * 2 * FIELD_BITS)

            @contextlib.contextmanager
            def injected(_: str) -> Iterator[None]:
                base = BasePoint(self.curve.G.coordinates, self.curve.field, self.curve.order)
                with mock.patch.object(Comb, "__init__", spoilt), mock.patch.dict(vars(self.curve), base=base):
                    yield

            return injected

        return self._row(TABLE_BUILT, injections, drawn)

    def read(self, injections: int) -> Record:
        """Return what comes of flipping a bit of an entry that the sum is about to read."""
        points = Comb.points

        def drawn() -> Injected:
            which, bit = self._random.random(), self._random.randrange(2 * FIELD_BITS)
            reads = 0

            def spoilt(comb: Comb, k: int) -> list[Any]:
                nonlocal reads
                reads += 1
                if reads > 1:
                    return points(comb, k)
                shift, row = comb._rows[int(which * len(comb._rows))]
                index = comb._m(k) >> shift & comb._digit
                row[index] ^= 1 << bit
                found = points(comb, k)
                row[index] ^= 1 << bit
                return found

            def injected(_: str) -> contextlib.AbstractContextManager[object]:
                nonlocal reads
                reads = 0
                return mock.patch.object(Comb, "points", spoilt)

            return injected

        return self._row(TABLE_READ, injections, drawn)

    def stored(self, injections: int) -> list[Record]:
        """Return of each thing that is stored how often a bit of it flipped, how often the signature was withheld that
        met it, and how often the next one was right.
        """
        key = PrivateKey.from_int(self._random.randrange(1, self.curve.n), curve=self.curve)
        rows = []
        for name, flip in STORED.items():
            counts = Counter[str]()
            for place in range(injections):
                message = b"%d" % place
                right = key.sign(message)
                flip(self.curve.base, self._random)
                counts[WITHHELD] += signed(key, message, self_verify=False)[1] == WITHHELD
                counts[RIGHT] += signed(key, message, self_verify=False)[0] == right
            rows.append({"stored": name, "injections": injections, **counts})
        return rows

    def _row(self, name: str, injections: int, drawn: Callable[[], Injected]) -> Record:
        """Return what comes of so many faults, each of them drawn once for all configurations."""
        counts = {configuration: Counter[str]() for configuration in CONFIGURATIONS}
        for _ in range(injections):
            key = PrivateKey.from_int(self._random.randrange(1, self.curve.n), curve=self.curve)
            message, octets = self._random.randbytes(16), key.public_key.to_bytes()
            right = key.sign(message, self_verify=True)
            injected = drawn()
            put_back = taken(self.curve.base)
            for configuration, checks in CONFIGURATIONS.items():
                with self._checks(configuration), injected(configuration):
                    signature, outcome = signed(key, message, self_verify="self_verify" in checks)
                put_back()
                if signature is not None:  # judged on the curve that no fault was put into
                    holds = PublicKey.from_bytes(octets).verify(signature, message)
                    outcome = RIGHT if signature == right else ANOTHER if holds else WRONG
                counts[configuration][outcome] += 1
        return _row(name, injections, counts)

    @contextlib.contextmanager
    def _checks(self, configuration: str) -> Iterator[None]:
        """Let only the configuration's checks be made; self_verify is the caller's."""
        checks = CONFIGURATIONS[configuration]
        signs = self._function("", configuration, _SIGN, lambda tree: keep_checks(tree, checks))
        subtracts = self._function("", configuration + SUBTRACT, _SUBTRACT, lambda tree: keep_checks(tree, checks))
        draws = self._function("", configuration + DRAW, _DRAW, lambda tree: keep_checks(tree, checks))
        table = contextlib.nullcontext() if "table" in checks else mock.patch.object(Comb, "require_on_curve", _nothing)
        with (
            mock.patch.object(signing, SIGN, signs),
            mock.patch.object(Mask, SUBTRACT, subtracts),
            mock.patch.object(basepoint, DRAW, draws),
            mock.patch.object(BasePoint, "renew", _nothing),  # the state is put back, and the table is right
            table,
        ):
            yield

    @contextlib.contextmanager
    def _injected(self, fault: Fault, configuration: str) -> Iterator[None]:
        """Put the fault in, on top of the configuration's checks."""
        original = _ORIGINALS[fault.name]

        def change(tree: ast.FunctionDef) -> None:
            if fault.function in (SIGN, SUBTRACT):
                keep_checks(tree, CONFIGURATIONS[configuration])
            insert(tree, fault.place, fault.variables)

        changed = self._function(fault.name, configuration, original, change)
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(fault.owner, fault.function, changed))
            for caller in (basepoint, masks, signing, getattr(basepoint, DRAW), signing.sign_with_nonce):
                # Each has the function by a name of its own; and those without a check, a copy of their module's names.
                names = getattr(caller, "__globals__", vars(caller))
                if names.get(fault.function) is original:
                    stack.enter_context(mock.patch.dict(names, {fault.function: changed}))
            yield

    def _flipped(self, *values: Any) -> tuple[Any, ...]:
        flipped: tuple[Any, ...] = self._flip(*values)
        return flipped

    def _function(
        self, fault: str, configuration: str, original: Callable[..., Any], change: Callable[[ast.FunctionDef], None]
    ) -> Callable[..., Any]:
        """Return the changed function, compiled once."""
        found = self._functions.get((fault, configuration))
        if found is None:
            tree = parsed(original)
            change(tree)
            found = self._functions[fault, configuration] = compiled(tree, original, FLIP=self._flipped, COPY=copy.copy)
        return found


_SIGN, _SUBTRACT, _DRAW = signing.sign_with_nonce, Mask.subtracted_from, masks.draw


def _nothing(_: Comb | BasePoint) -> None:
    pass


def signed(key: PrivateKey, message: bytes, *, self_verify: bool) -> tuple[Signature | None, str]:
    """Return the signature that leaves, or why none does."""
    try:
        return key.sign(message, self_verify=self_verify), ""
    except FaultDetected:
        return None, WITHHELD
    except Exception:  # noqa: BLE001  # ZeroDivisionError, say
        return None, FAILED


def _row(name: str, injections: int, counts: dict[str, Counter[str]]) -> Record:
    return {"fault": name, "injections": injections, **{key: dict(value) for key, value in counts.items()}}


# What the check of the whole costs


def cost(rounds: int, signatures: int) -> Record:
    """Return the medians, in microseconds, of signing with and without self_verify, the two taken in turn."""
    key = PrivateKey.from_int(SECP224K1.n // 3)
    SECP224K1.base.for_uses(USES)
    times: dict[bool, list[float]] = {False: [], True: []}
    for place in range(rounds):
        for self_verify in (False, True):
            start = time.perf_counter()
            for item in range(signatures):
                key.sign(b"%d %d" % (place, item), self_verify=self_verify)
            times[self_verify].append((time.perf_counter() - start) / signatures * 1e6)
    plain, verified = (statistics.median(times[self_verify]) for self_verify in (False, True))
    ratio = statistics.median(b / a for a, b in zip(times[False], times[True], strict=True))
    return {"plain_us": round(plain, 1), "self_verify_us": round(verified, 1), "ratio": round(ratio, 2)}


# The run and its record


def measure(injections: int, rounds: int) -> Record:
    """Return everything, on the backend of this process."""
    signer = Signer()
    rows = [signer.built(injections), signer.read(injections)]
    rows += [signer.fault(fault, injections) for fault in FAULTS]
    for row in rows:
        say(f"ecpure ({backend()}): {row['fault']}: {row['none']} without checks, {row['default']} with")
    stored = signer.stored(injections // 10)  # the table takes long to be made anew
    return {"backend": backend(), "faults": rows, "stored": stored, "cost": cost(rounds, 50)}


def run(injections: int, rounds: int) -> Record:
    """Return the record: each backend in a process of its own, one after the other."""
    environment = ledger.environment("faults")
    parts: dict[str, Record] = {}
    for name in BACKENDS:
        words = [sys.executable, __file__, "--child", str(injections), str(rounds)]
        variables = os.environ | {"ECPURE_BACKEND": name, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        output = subprocess.run(words, stdout=subprocess.PIPE, text=True, env=variables, check=True).stdout
        parts[name] = json.loads(output)
    return {**environment, "seed": SEED, "injections": injections, "backends": parts}


def wrong(row: Record, configuration: str) -> int:
    """Return how many wrong signatures left."""
    return int(row[configuration].get(WRONG, 0))


def summed(found: Record) -> list[Record]:
    """Return the rows of the backends added up."""
    total = []
    for rows in zip(*(part["faults"] for part in found["backends"].values()), strict=True):
        counts = {name: sum((Counter(row[name]) for row in rows), Counter[str]()) for name in CONFIGURATIONS}
        total.append(_row(rows[0]["fault"], sum(row["injections"] for row in rows), counts))
    return total


def text(found: Record) -> str:
    """Return the record for people: of the wrong signatures, how many each check withholds, and how many leave."""
    rows = [
        ["fault", "injected", "right", "another", "error", "wrong", *CHECKS.values(), "left", "left with self_verify"]
    ]
    for row in summed(found):
        free, all_wrong = row["none"], wrong(row, "none")
        first = [row["injections"], *[free.get(kind, 0) for kind in (RIGHT, ANOTHER, FAILED)], all_wrong]
        caught = [max(0, all_wrong - wrong(row, name)) if WITHHELD in row[name] else 0 for name in CHECKS]  # by chance
        rows.append([row["fault"], *map(number, [*first, *caught, wrong(row, "default"), wrong(row, "all")])])
    kept = [["stored value with a flipped bit", "injected", "withheld", "next signature right"]]
    for stored in zip(*(part.get("stored", []) for part in found["backends"].values()), strict=True):
        sums = [sum(row.get(name, 0) for row in stored) for name in ("injections", WITHHELD, RIGHT)]
        kept.append([stored[0]["stored"], *map(number, sums)])
    costs = [["backend", "signing, µs", "with self_verify, µs", "ratio"]]
    for name, part in found["backends"].items():
        costs.append([name, *[str(part["cost"][column]) for column in ("plain_us", "self_verify_us", "ratio")]])
    each = number(found["injections"])
    sentence = f"{each} injections of each fault on each of two backends. Sources: `{found['sources'][:16]}`.\n\n"
    tables = [rows, kept, costs] if len(kept) > 1 else [rows, costs]  # a record from before has none
    return sentence + "\n".join(map(ledger.table, tables))


def main(words: list[str]) -> int:
    """Inject, and write the record. Return 1 if a wrong signature gets past self_verify and the other checks."""
    if words[:1] == ["--child"]:
        print(json.dumps(measure(int(words[1]), int(words[2]))))
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--injections", type=int, default=INJECTIONS, help=f"of each fault (default: {INJECTIONS})")
    parser.add_argument("--rounds", type=int, default=41, help="of the times, of which medians are taken (default: 41)")
    arguments = parser.parse_args(words)
    found = run(arguments.injections, arguments.rounds)
    ledger.save("faults", found, text(found))
    past = [row["fault"] for row in summed(found) if wrong(row, "all")]
    say(f"wrong signatures got past self_verify: {', '.join(past) or 'none'}")
    return 1 if past else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
