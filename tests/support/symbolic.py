"""Formal numbers to run the package's functions on: quotients of polynomials over the integers, modulo relations.

What holds between them holds between all numbers mod p that meet the relations, for every prime p, wherever the
denominators are not 0: each proof says where that is. Nothing here is shared with the package.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from sympy import ZZ
from sympy.polys.rings import ring

Point = tuple["Element", "Element"]


class Algebra:
    """The polynomials in some letters, modulo `relations`: each begins with a power of a letter that is its own.

    They are then a Gröbner basis in the lexical order, so that a polynomial follows from them iff its normal form is 0.
    """

    def __init__(self, letters: str) -> None:
        self.ring, *generators = ring(letters, ZZ, order="lex")
        self.letters = [Element(self, generator) for generator in generators]
        self.relations: list[Any] = []
        self.assumed: list[Element] = []  # what was asked whether it is 0, or inverted, and taken not to be 0
        self.divisions: list[tuple[Element, Element, Element]] = []  # (a, m, a // m), the last a letter
        self.multiplications = 0  # but those by a constant
        self._quotients: Iterator[Element] = iter(())

    def relate(self, *relations: Element) -> None:
        """Let each of these be 0."""
        self.relations += [relation.top for relation in relations]

    def forget(self, *quotients: Element) -> None:
        """Begin anew: nothing is assumed, and these letters are what divisions with remainder will give."""
        self.assumed, self.divisions, self.multiplications = [], [], 0
        self._quotients = iter(quotients)

    def normal(self, polynomial: Any) -> Any:
        """Return the normal form of a polynomial."""
        return polynomial.rem(self.relations) if self.relations else polynomial

    def invert(self, a: Element, _p: object) -> Element:
        """Return 1/a, in the place of `integers.invert`; that a is not 0 is assumed, and written down."""
        if not a:
            raise ZeroDivisionError
        return 1 / a

    def quotient(self, a: Element, m: Element) -> Element:
        """Return the letter that stands for ⌊a/m⌋."""
        self.divisions.append((a, m, letter := next(self._quotients)))
        return letter


class Element:
    """A quotient of two polynomials of one algebra. It is no place for `%` to change anything but the form."""

    __hash__ = None  # type: ignore[assignment]  # equality is modulo the relations

    def __init__(self, algebra: Algebra, top: Any, bottom: Any = None) -> None:
        self.algebra, self.top = algebra, top
        self.bottom = algebra.ring.one if bottom is None else bottom

    def _of(self, other: Any) -> Element:
        return other if isinstance(other, Element) else Element(self.algebra, self.algebra.ring(int(other)))

    def __add__(self, other: Any) -> Element:
        other = self._of(other)
        if self.bottom == other.bottom:
            return Element(self.algebra, self.top + other.top, self.bottom)
        return Element(self.algebra, self.top * other.bottom + other.top * self.bottom, self.bottom * other.bottom)

    def __neg__(self) -> Element:
        return Element(self.algebra, -self.top, self.bottom)

    def __sub__(self, other: Any) -> Element:
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> Element:
        return self._of(other) - self

    def __mul__(self, other: Any) -> Element:
        other = self._of(other)
        self.algebra.multiplications += not (self.is_constant or other.is_constant)
        return Element(self.algebra, self.top * other.top, self.bottom * other.bottom)

    def __truediv__(self, other: Any) -> Element:
        other = self._of(other)
        return Element(self.algebra, self.top * other.bottom, self.bottom * other.top)

    def __rtruediv__(self, other: Any) -> Element:
        return self._of(other) / self

    def __pow__(self, exponent: int) -> Element:
        return Element(self.algebra, self.top**exponent, self.bottom**exponent)

    __radd__ = __add__
    __rmul__ = __mul__

    @property
    def is_constant(self) -> bool:
        """Whether this is an integer."""
        return bool(self.bottom == 1 and self.top.is_ground)

    def __mod__(self, m: Any) -> Element | int:
        """Return the residue mod an int if it is the same for all values of the letters; mod a letter, the form."""
        if isinstance(m, Element):
            return Element(self.algebra, self.algebra.normal(self.top), self.algebra.normal(self.bottom))
        constant = int(self.top.coeff(1))
        if self.bottom != 1 or any(coefficient % m for coefficient in (self.top - constant).coeffs()):
            raise ValueError("the residue depends on the letters")
        return constant % int(m)

    def __rmod__(self, other: Any) -> Any:
        return other

    def __floordiv__(self, m: Any) -> Element:
        """Return the quotient by an int that divides every coefficient; by a formal number, a letter for ⌊self/m⌋."""
        if isinstance(m, Element):
            return self.algebra.quotient(self, m)
        if self.bottom != 1 or any(coefficient % m for coefficient in self.top.coeffs()):
            raise ValueError("no exact quotient")
        return Element(self.algebra, self.top.quo_ground(int(m)))

    def __and__(self, ones: int) -> Element | int:
        """Return the lowest bits: the residue mod 2^i, for ones = 2^i − 1."""
        return self % (ones + 1)

    def __rshift__(self, places: int) -> Element:
        """Return the quotient by 2^places."""
        return self // (1 << places)

    def __eq__(self, other: object) -> bool:
        difference = self - other
        if self.algebra.normal(difference.bottom) == 0:
            raise ZeroDivisionError
        return bool(self.algebra.normal(difference.top) == 0)

    def __bool__(self) -> bool:
        if self == 0:
            return False
        self.algebra.assumed.append(self)
        return True


def chord(P: Point, Q: Point) -> Point:
    """Return P + Q where x₁ ≠ x₂: the line through both meets the curve in a third point, which is −(P + Q)."""
    slope = (Q[1] - P[1]) / (Q[0] - P[0])
    x = slope**2 - P[0] - Q[0]
    return x, -(P[1] + slope * (x - P[0]))


def tangent(P: Point) -> Point:
    """Return 2P where y ≠ 0: the line that touches the curve in P meets it in −2P."""
    slope = 3 * P[0] ** 2 / (2 * P[1])
    x = slope**2 - 2 * P[0]
    return x, -(P[1] + slope * (x - P[0]))


class _Replace(ast.NodeTransformer):
    """Replaces the operator of one sum, difference or product: + and − by each other, · by +."""

    def __init__(self, place: int) -> None:
        self.place, self.seen = place, 0
        self.replaced = ""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Count the operator if it is one of the three, and replace it at its place."""
        if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)):
            if self.seen == self.place:
                self.replaced = f"line {node.lineno}: {ast.unparse(node)}"
                node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            self.seen += 1
        return self.generic_visit(node)


def broken_copies(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield for each +, − and · in a function's source a copy of it with a wrong operator there, and where."""
    original = ast.parse(textwrap.dedent(inspect.getsource(function)))
    place = 0
    while True:
        replace = _Replace(place)
        tree = ast.fix_missing_locations(replace.visit(copy.deepcopy(original)))
        if not replace.replaced:
            return
        names = dict(function.__globals__)
        exec(compile(tree, f"<{function.__name__}>", "exec"), names)
        yield replace.replaced, names[function.__name__]
        place += 1
