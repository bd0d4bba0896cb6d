"""What the second reading of the signing path found: docs/second-read.md has the questions and the measurements."""

from __future__ import annotations

import copy
import hashlib
import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any

import pytest
from multiplying import fresh_curve

from ecpure import (
    SECP224K1,
    SECP256K1,
    Curve,
    FaultDetected,
    InvalidEncoding,
    PrivateKey,
    Signature,
    auth,
    basepoint,
    field,
    group,
    masks,
    rfc6979,
    signing,
    values,
)
from ecpure.basepoint import BasePoint
from ecpure.comb import Comb
from ecpure.field import random_unit
from ecpure.group import Affine, Extended, add_all
from ecpure.masks import Mask, Step, Walk

D, MESSAGE = 0xC0FFEE << 180, b"message"
N = SECP224K1.n


def masks_seen(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object] = lambda: None) -> list[Extended]:
    """Return a list to which every use of the door for secrets adds its U; `then` is run between step and sum."""
    seen: list[Extended] = []

    def watched(P: Extended, points: Iterable[Affine], p: int) -> Extended:
        if isinstance(points, tuple):  # one step of the walk: what comes out is the mask
            U = add_all(P, points, p)
            seen.append(U)
            then()
            return U
        return add_all(P, points, p)

    monkeypatch.setattr(masks, "add_all", watched)
    return seen


def test_a_use_inside_of_a_use_has_a_mask_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal handler that signs while a signature is made, at the worst place, meets another mask."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    expected = key.sign(MESSAGE)
    depth = 0

    def interrupt() -> None:
        nonlocal depth
        if depth < 3:
            depth += 1
            assert key.sign(MESSAGE) == expected

    seen = masks_seen(monkeypatch, interrupt)
    assert key.sign(MESSAGE) == expected
    assert len(seen) == 4
    assert len({U[2] for U in seen}) == 4
    for _ in range(20):
        assert key.sign(MESSAGE) == expected
    assert len({U[2] for U in seen}) == 24


def test_threads_never_share_a_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight threads with one key, changed as often as the interpreter can: right signatures, each by its own mask."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    messages = [b"%d" % i for i in range(40)]
    expected = [key.sign(message) for message in messages]
    seen = masks_seen(monkeypatch)
    wrong: list[object] = []

    def work() -> None:
        wrong.extend(i for i, message in enumerate(messages) if key.sign(message) != expected[i])

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []
    assert len(seen) == len({U[2] for U in seen}) == 8 * len(messages)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_parent_and_child_share_no_mask_after_a_fork() -> None:
    """Both sign on; the masks of the child, its steps too, are drawn anew, the parent's go on."""
    code = """
import os
from ecpure import PrivateKey, SECP224K1
key = PrivateKey.from_int(12345)
key.sign(b"before")
reading, writing = os.pipe()
child = os.fork()
key.sign(b"after")
walk = SECP224K1.base._walks[-1]
found = [walk._mask.u, *walk._mask.U, *(step.v for step in walk._steps)]
if child == 0:
    os.write(writing, " ".join(map(str, map(int, found))).encode())
    os._exit(0)
os.waitpid(child, 0)
theirs = set(map(int, os.read(reading, 65536).split()))
print(len(theirs), len(theirs & set(map(int, found))), len(SECP224K1.base._walks))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["13", "0", "1"], done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_while_masks_are_drawn_shares_none_of_them() -> None:
    """A signal handler may fork in the middle of a drawing: the child draws anew before it uses one."""
    code = """
import os
from ecpure import PrivateKey, SECP224K1, masks
drawn, right, children = 0, masks.random_unit, []
reading, writing = os.pipe()

def draw(m):
    global drawn
    drawn += 1
    unit = right(m)
    if drawn == 10:  # Z, the last that is drawn
        children.append(os.fork())
    return unit

masks.random_unit = draw
key = PrivateKey.from_int(12345)
key.sign(b"first")
key.sign(b"second")
walk = SECP224K1.base._walks[-1]
found = {int(number) for number in (walk._mask.u, *walk._mask.U, *(step.v for step in walk._steps))}
if children == [0]:
    os.write(writing, " ".join(map(str, found)).encode())
    os._exit(0)
os.waitpid(children[0], 0)
theirs = set(map(int, os.read(reading, 65536).split()))
print(drawn, len(theirs), len(theirs & found))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["10", "13", "0"], done.stderr


def test_a_process_counts_its_forks_and_draws_anew() -> None:
    """What a fork calls in the child makes the masks drawn before useless."""
    base = fresh_curve().base
    expected = base.multiply_secret(D)
    (before,) = base._walks
    masks._count_fork()
    assert not before.goes_on()
    assert base.multiply_secret(D) == expected
    (drawn,) = base._walks
    assert drawn.goes_on()
    assert drawn._forks == masks._forks
    assert not {int(step.v) for step in before._steps} & {int(step.v) for step in drawn._steps}


def test_a_thread_that_was_interrupted_leaves_no_half_made_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in the middle of a use, such as KeyboardInterrupt, loses that mask; the next is drawn."""
    base = fresh_curve().base
    expected = base.multiply_secret(D)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(masks, "add_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        base.multiply_secret(D)
    assert base._walks == []
    monkeypatch.undo()
    assert base.multiply_secret(D) == expected


@pytest.mark.parametrize("m", [SECP224K1.n, SECP256K1.n, SECP256K1.p, 19, 3, 2])
def test_masks_are_drawn_from_the_whole_range(m: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every number of [1, m − 1] is drawn, by 64 bits more than m has, for orders just below a power of 256 too."""
    drawn = 0

    def urandom(count: int) -> bytes:
        assert 8 * count >= m.bit_length() + 64
        return drawn.to_bytes(count, "big")

    monkeypatch.setattr(field.os, "urandom", urandom)  # type: ignore[attr-defined]  # a module it imports
    for value in {1, 2, m // 2 + 1, m - 1} & set(range(1, min(m, 4))) | {m // 2 or 1, m - 1}:
        drawn = value - 1
        assert random_unit(m) == value
        drawn += (m - 1) * 12345678901234567890
        assert random_unit(m) == value


@pytest.mark.parametrize("use", [lambda key: key.sign(MESSAGE), lambda key: key.public_key])
@pytest.mark.parametrize("place", range(7))
def test_a_bit_that_flips_in_a_mask_or_step_is_noticed(place: int, use: Callable[[PrivateKey], object]) -> None:
    """u, −u, U, and v, −v, V of each step: with one wrong, the result is withheld, which would give the key away."""
    curve = fresh_curve()
    key = PrivateKey.from_int(D, curve=curve)
    key.sign(MESSAGE)
    (walk,) = curve.base._walks
    mask = walk._mask
    if place < 4:
        flipped: list[Any] = [mask.u, mask.minus_u, *mask.U]
        flipped[place] ^= 1 << 77
        mask.u, mask.minus_u, mask.U = flipped[0], flipped[1], (flipped[2], flipped[3], *mask.U[2:])
    else:
        for step in walk._steps:
            part: list[Any] = [step.v, step.minus_v, step.V[0]]
            part[place - 4] ^= 1 << 77
            step.v, step.minus_v, step.V = part[0], part[1], (part[2], step.V[1])
    with pytest.raises(FaultDetected) as fault:
        use(key)
    assert fault.value.__context__ is fault.value.__cause__ is None


def test_a_wrong_masked_scalar_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """−u and u are compared with each other in every use, not only where they are drawn."""
    base = fresh_curve().base

    def wrong(*arguments: Any) -> Walk:
        walk = masks.draw(*arguments)
        walk._mask.minus_u += 1
        return walk

    monkeypatch.setattr(basepoint, "draw", wrong)
    with pytest.raises(FaultDetected, match="changed in memory"):
        base.multiply_secret(D)


def test_a_comb_is_asked_for_scalars_in_its_range(monkeypatch: pytest.MonkeyPatch) -> None:
    """In [0, n − 1] and Python's own, whose bits the comb cuts out: masks, steps, their sum, and what is multiplied."""
    points, asked = Comb.points, list[int]()

    def watched(self: Comb, k: int) -> list[Affine]:
        asked.append(k)
        return points(self, k)

    monkeypatch.setattr(Comb, "points", watched)
    base = fresh_curve().base
    base.multiply_secret(D)
    base.multiply_secret(signing.lengthen(D, N))
    assert len(asked) == 9 + 1 + 2
    assert {type(k) for k in asked} == {int}
    assert all(0 <= k < N for k in asked)


@pytest.mark.parametrize("index", range(9))
def test_a_mask_or_step_that_is_drawn_wrongly_is_not_used(index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One multiple that went wrong as masks were drawn, though on the curve, is noticed; the next use draws anew."""
    base = fresh_curve().base
    expected = SECP224K1.base.multiply_secret(D)
    right = group.to_affine_each

    def wrong(points: Sequence[Extended], p: int) -> list[Affine]:
        multiples = right(points, p)
        x, y = multiples[index]
        multiples[index] = (x, p - y)
        return multiples

    with monkeypatch.context() as inside:
        inside.setattr(masks, "to_affine_each", wrong)
        with pytest.raises(FaultDetected, match="withheld"):
            base.multiply_secret(D)
    assert base.multiply_secret(D) == expected


@pytest.mark.parametrize("how", ["signing", "mask", "key", "self_verify", "self_verify's key", "public key"])
def test_the_frames_of_a_fault_hold_no_secret(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash reporter that writes the variables of each frame meets neither d nor k, nor the signature withheld."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    wrong = Signature(1234567, 7654321)
    if how.startswith("self_verify"):
        monkeypatch.setattr(signing, "sign", lambda *_, **__: wrong)
    if how == "self_verify":
        assert key.public_key  # made before, as after a first use
    elif how == "key":
        object.__setattr__(key, "_d", key._d ^ 1)
    elif how == "mask":
        wrong_mask, step = Mask(1, 1, (1, 1, 1, 1)), Step(1, 1, (1, 1))
        monkeypatch.setattr(basepoint, "draw", lambda _, p, __: Walk(wrong_mask, [step] * 8, p, masks._forks))
    else:
        monkeypatch.setattr(BasePoint, "multiply_secret", lambda *_: (1, 1))
    with pytest.raises(FaultDetected) as fault:
        _ = key.public_key if how == "public key" else key.sign(MESSAGE, self_verify=True)
    frames = [frame for frame, _ in traceback.walk_tb(fault.value.__traceback__) if frame.f_globals is not globals()]
    assert frames
    assert {frame.f_globals["__name__"] for frame in frames} <= {"ecpure.privatekey"}
    assert {type(value) for frame in frames for value in frame.f_locals.values()} <= {
        PrivateKey, Curve, bytes, str, bool, type(None), FaultDetected,
    }  # fmt: skip
    assert key.to_bytes() not in [value for frame in frames for value in frame.f_locals.values()]


@pytest.mark.parametrize("use", [lambda key: key.sign_digest(b""), lambda key: key.sign_digest(b"", self_verify=True)])
def test_the_frames_of_a_refusal_hold_no_secret(use: Callable[[PrivateKey], object]) -> None:
    """An empty digest is a caller's mistake, whose traceback holds no more than that of a fault."""
    key = PrivateKey.from_int(D)
    with pytest.raises(InvalidEncoding, match="digest") as refusal:
        use(key)
    frames = [frame for frame, _ in traceback.walk_tb(refusal.value.__traceback__) if frame.f_globals is not globals()]
    assert [frame.f_code.co_name for frame in frames] == ["sign_digest"]
    assert {type(value) for value in frames[0].f_locals.values()} <= {PrivateKey, bytes, str, bool, type(None)}
    assert refusal.value.__context__ is None


def infinity(*_: object) -> Affine:
    raise ZeroDivisionError(f"{D}")


def off_curve(*_: object) -> Affine:
    return 1, 1


@pytest.mark.parametrize("spoilt", [infinity, off_curve])
@pytest.mark.parametrize("use", [lambda key: key.sign(MESSAGE), lambda key: key.public_key, lambda key: key.to_pem()])
def test_a_fault_is_FaultDetected_and_carries_nothing(
    spoilt: Callable[..., Affine], use: Callable[[PrivateKey], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signing, making the public key and whatever makes it say `FaultDetected`; no other exception hangs on it."""
    key = PrivateKey.from_int(D, curve=fresh_curve())
    monkeypatch.setattr(BasePoint, "multiply_secret", spoilt)
    with pytest.raises(FaultDetected, match="withheld") as fault:
        use(key)
    assert fault.value.__context__ is fault.value.__cause__ is None
    assert str(D) not in str(fault.value)
    assert f"{D:x}" not in str(fault.value)


def test_a_missing_inverse_is_FaultDetected(monkeypatch: pytest.MonkeyPatch) -> None:
    """A nonce that became 0 on the way has no inverse: that is a fault too, and no `ZeroDivisionError`."""
    monkeypatch.setattr(signing, "lengthen", lambda _, n: n << 14)
    with pytest.raises(FaultDetected, match="withheld") as fault:
        signing.sign_with_nonce(SECP224K1, D, 1, 1)
    assert fault.value.__context__ is None
    monkeypatch.setattr(BasePoint, "multiply_secret", lambda *_: SECP224K1.G.coordinates)
    with pytest.raises(FaultDetected, match="withheld") as fault:
        signing.sign_with_nonce(SECP224K1, D, 1, 1)
    assert fault.value.__context__ is None


def recovered(first: Signature, second: Signature, delta: int) -> int:
    """Return d if both are signatures of MESSAGE, s·k ≡ e + r·d and s'(k + δ) ≡ e + r'·d."""
    e = int.from_bytes(hashlib.sha224(MESSAGE).digest(), "big")
    numerator = (second.s - first.s) * e + first.s * second.s * delta
    return numerator * pow(first.s * second.r - second.s * first.r, -1, N) % N


@pytest.mark.parametrize("bad_call", [0, 1])
def test_a_nonce_that_changes_between_its_uses_is_noticed(bad_call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is checked is not the copy of k that was multiplied and inverted: either of them gone wrong is seen."""
    key = PrivateKey.from_int(D)
    right, calls = signing.lengthen, 0

    def wrong(a: int, n: int) -> int:
        nonlocal calls
        calls += 1
        assert type(a) is type(n) is int  # and none of gmpy2's
        return right(a, n) ^ ((calls == bad_call + 1) << 77)

    monkeypatch.setattr(signing, "lengthen", wrong)
    with pytest.raises(FaultDetected, match="withheld"):
        key.sign(MESSAGE)
    assert calls == 2
    assert key.public_key.verify(key.sign(MESSAGE), MESSAGE)


def test_an_r_that_is_not_that_of_R_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The equation is checked with x_R, not with the r that went into s."""

    class WrongX(int):
        def __mod__(self, _: int) -> int:
            return int(self) ^ 1 << 77

    right = BasePoint.multiply_secret

    def spoilt(self: BasePoint, k: int) -> Affine:
        x, y = right(self, k)
        return WrongX(x), y

    monkeypatch.setattr(BasePoint, "multiply_secret", spoilt)
    with pytest.raises(FaultDetected, match="withheld"):
        PrivateKey.from_int(D).sign(MESSAGE)


def test_a_nonce_that_is_bad_from_the_start_is_seen_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit, tested so that it is not forgotten: a k that changes before its first use makes a valid signature.

    Two of one message then give the key away; with extra entropy there is no second one by the same k.
    """
    key = PrivateKey.from_int(D)
    first = key.sign(MESSAGE)
    right = rfc6979.nonces
    monkeypatch.setattr(signing, "nonces", lambda *arguments: (k ^ 1 << 77 for k in right(*arguments)))
    second = key.sign(MESSAGE, self_verify=True)
    assert second != first
    assert D in {recovered(first, second, delta) for delta in (1 << 77, -1 << 77)}
    first, second = (key.sign(MESSAGE, extra_entropy=entropy) for entropy in (b"1", b"2"))
    assert D not in {recovered(first, second, delta) for delta in (0, 1 << 77, -1 << 77)}


def test_masks_are_never_copied_or_pickled() -> None:
    """What holds the masks refuses; a curve, a point and a public key go without them."""
    curve = fresh_curve()
    key = PrivateKey.from_int(D, curve=curve)
    key.sign(MESSAGE)
    for refused in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot be copied"):
            refused(curve.base)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(key)
    for value in (curve, curve.G, key.public_key):
        again = pickle.loads(pickle.dumps(value))
        assert again == value
        assert "base" not in vars(again if isinstance(again, Curve) else again.curve)


class Text(str):
    """A text that says of itself, when asked, that it is another one."""

    __slots__ = ()

    def __str__(self) -> str:
        return "other"

    def __format__(self, _: str) -> str:
        return "other"

    def encode(self, *_: Any, **__: Any) -> bytes:
        return b"other"


def test_texts_and_octets_are_what_they_are() -> None:
    """A subclass of str or bytes with writing of its own changes no key, no message and no header."""

    class Octets(bytes):
        def __bytes__(self) -> bytes:
            return b"other"

    cookie, nonce = "HGREqcILTz8blHa/jsUTVTNBJlg=", "azRzAi5rm1ry/l0drnz1vw=="
    key = auth.derive_private_key(1, "opensesame")
    assert auth.derive_private_key(1, Text("opensesame")) == key
    message = auth.build_authenticate(user_id=1, cookie=Text(cookie), private_key=key, server_nonce=Text(nonce))
    assert message["cookie"] == cookie
    assert type(message["cookie"]) is str
    header = auth.basic_authorization(user_id=1, cookie=cookie, passphrase="opensesame")
    assert auth.basic_authorization(user_id=1, cookie=Text(cookie), passphrase=Text("opensesame")) == header
    assert key.sign(Octets(MESSAGE)) == key.sign(MESSAGE)
    halves: Any = memoryview(bytes(MESSAGE[i // 2] for i in range(2 * len(MESSAGE))))[::2]  # not contiguous
    assert key.sign(halves) == key.sign(MESSAGE)
    assert type(values.require_octets(Octets(b"m"), "m")) is bytes
    assert type(values.require_text(Text("m"), "m")) is str


def test_a_user_id_is_the_number_that_it_is() -> None:
    """A subclass of int with writing of its own changes neither what is signed nor what is sent."""

    class UserId(IntEnum):
        ANN = 7

        def __str__(self) -> str:
            return "Ann"

        def __format__(self, _: str) -> str:
            return "Ann"

        def to_bytes(self, *_: Any, **__: Any) -> bytes:
            return bytes(8)

    cookie, nonce = "HGREqcILTz8blHa/jsUTVTNBJlg=", "azRzAi5rm1ry/l0drnz1vw=="
    key = auth.derive_private_key(UserId.ANN, "opensesame")
    assert key == auth.derive_private_key(7, "opensesame")
    message = auth.build_authenticate(
        user_id=UserId.ANN, cookie=cookie, private_key=key, server_nonce=nonce, tag=UserId.ANN
    )
    assert type(message["user_id"]) is type(message["tag"]) is int
    assert auth.verify_authenticate(message, server_nonce=nonce, public_key=key.public_key)
    header = auth.basic_authorization(user_id=UserId.ANN, cookie=cookie, passphrase="opensesame")
    assert header == auth.basic_authorization(user_id=7, cookie=cookie, passphrase="opensesame")
