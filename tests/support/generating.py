"""Linear congruential generators by their definitions, and nonces drawn from them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Literal


class Rand48:
    """The generator of java.util.Random and of lrand48, from a state, by default a random one."""

    def __init__(self, state: int | None = None) -> None:
        self.state = secrets.randbits(48) if state is None else state

    def next(self, bits: int) -> int:
        """Return the top bits of the next state, as java.util.Random.next."""
        self.state = (self.state * 25214903917 + 11) & (2**48 - 1)
        return self.state >> (48 - bits)

    def next_long(self) -> int:
        """Return what java.util.Random.nextLong does: (next(32) << 32) + next(32), of signed integers."""
        high, low = self.next(32), self.next(32)
        return ((high << 32) + low - (low >> 31 << 32)) & (2**64 - 1)

    def below_1(self) -> float:
        """Return what Math.random does."""
        return ((self.next(26) << 27) + self.next(27)) / 2**53


class MicrosoftRand:
    """rand of Microsoft's C, after a random seed."""

    def __init__(self) -> None:
        self.state = secrets.randbits(32)

    def __call__(self) -> int:
        """Return the next number."""
        self.state = (self.state * 214013 + 2531011) & 0xFFFFFFFF
        return self.state >> 16 & 0x7FFF


Order = Literal["big", "little"]


def _ints(order: Order, bits: int) -> Callable[[Rand48], bytes]:
    return lambda rng: b"".join(rng.next(bits).to_bytes(4, order) for _ in range(4))


def _longs(order: Order) -> Callable[[Rand48], bytes]:
    return lambda rng: b"".join(rng.next_long().to_bytes(8, order) for _ in range(2))


def _low_octets(_: Rand48) -> bytes:
    rand = MicrosoftRand()
    return bytes(rand() % 256 for _ in range(16))


CLIENTS: dict[str, Callable[[Rand48], bytes]] = {
    "java.util.Random.nextBytes, or mrand48, little-endian": _ints("little", 32),
    "java.util.Random.nextInt, or mrand48, big-endian": _ints("big", 32),
    "java.util.Random.nextLong, big-endian": _longs("big"),
    "java.util.Random.nextLong, little-endian": _longs("little"),
    "lrand48, little-endian": _ints("little", 31),
    "lrand48, big-endian": _ints("big", 31),
    "256·drand48, or java.util.Random.nextInt(256)": lambda rng: bytes(rng.next(31) * 256 >> 31 for _ in range(16)),
    "256·Math.random in Java, or in older Firefox": lambda rng: bytes(int(rng.below_1() * 256) for _ in range(16)),
    "low bytes of java.util.Random.nextInt, or mrand48": lambda rng: bytes(rng.next(32) & 255 for _ in range(16)),
    "low bytes of lrand48": lambda rng: bytes(rng.next(31) & 255 for _ in range(16)),
    "low bytes of rand in Microsoft's C": _low_octets,
}
"""Client nonces, by the name of their form."""


def _pieces(
    width: int, draw: Callable[[Rand48], int], *, is_low_first: bool, spare: int
) -> Callable[[Rand48, int], int]:
    def nonce(rng: Rand48, n: int) -> int:
        pieces = [draw(rng) for _ in range(-(-(n.bit_length() - spare) // width))]
        return sum(piece << width * place for place, piece in enumerate(pieces if is_low_first else pieces[::-1]))

    return nonce


SIGNERS: dict[str, Callable[[Rand48, int], int]] = {
    "Math.random": _pieces(31, lambda rng: int(rng.below_1() * 0x80000000), is_low_first=True, spare=0),
    "lrand48, lowest first": _pieces(31, lambda rng: rng.next(31), is_low_first=True, spare=0),
    "lrand48, highest first": _pieces(31, lambda rng: rng.next(31), is_low_first=False, spare=0),
    "nextInt, lowest first": _pieces(32, lambda rng: rng.next(32), is_low_first=True, spare=0),
    "nextInt, highest first": _pieces(32, lambda rng: rng.next(32), is_low_first=False, spare=0),
    "nextInt, lowest first, 224 bits": _pieces(32, lambda rng: rng.next(32), is_low_first=True, spare=1),
    "nextInt, highest first, 224 bits": _pieces(32, lambda rng: rng.next(32), is_low_first=False, spare=1),
}
"""Nonces of signatures, by what draws them: of a generator, and for an n."""
