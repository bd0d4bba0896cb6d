"""A small group written out by hand: what the production code is compared with on toy curves.

Nothing here is shared with the package: addition is the chord and the tangent, inverses are found by trying.
"""

from __future__ import annotations

Affine = tuple[int, int] | None


def inverse(a: int, m: int) -> int:
    """Return the b with a·b ≡ 1 (mod m), found by trying."""
    return next(b for b in range(1, m) if a * b % m == 1)


class Group:
    """All multiples of a generator of y² = x³ + b over F_p, in order: `points[i]` is i·G, and None infinity."""

    def __init__(self, p: int, b: int) -> None:
        self.p, self.b = p, b
        every = [(x, y) for x in range(p) for y in range(p) if (y * y - x**3 - b) % p == 0]
        self.n = len(every) + 1
        self.points: list[Affine] = [None]
        G = every[0]
        for _ in range(self.n - 1):
            self.points.append(self._chord_or_tangent(self.points[-1], G))
        self.index = {point: i for i, point in enumerate(self.points)}

    def _chord_or_tangent(self, P: Affine, Q: Affine) -> Affine:
        p = self.p
        if P is None or Q is None:
            return Q if P is None else P
        (x1, y1), (x2, y2) = P, Q
        if x1 == x2 and (y1 + y2) % p == 0:
            return None
        slope = (3 * x1 * x1 * inverse(2 * y1 % p, p) if P == Q else (y2 - y1) * inverse((x2 - x1) % p, p)) % p
        x3 = (slope * slope - x1 - x2) % p
        return x3, (slope * (x1 - x3) - y1) % p

    def x(self, i: int) -> int:
        """Return the x of i·G, i not a multiple of n."""
        point = self.points[i % self.n]
        if point is None:
            raise ZeroDivisionError
        return point[0]

    def sign(self, d: int, e: int, k: int) -> tuple[int, int] | None:
        """Return (r, s), or None where one of them is 0."""
        r = self.x(k) % self.n
        s = inverse(k, self.n) * (e + r * d) % self.n
        return (r, s) if r and s else None

    def verifies(self, d: int, e: int, r: int, s: int) -> bool:
        """Whether (r, s), both in [1, n − 1], is a signature of e under d·G."""
        w = inverse(s, self.n)
        R = (e * w + r * w * d) % self.n
        return R != 0 and self.x(R) % self.n == r
