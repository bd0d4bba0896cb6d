"""Mutants of a module: its source with one small mistake in it, as cosmic-ray's operators make them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

Position = tuple[int, int]
"""Line, counted from 1, and column."""


class Mutant(NamedTuple):
    """One mutant. `name` says where it is and what it changes, and stays when lines above it come and go."""

    name: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Yield the mutants of a module that differ: from it, and from each other.

    Left out are those that compile to nothing, those that compile to what is there, and changes of annotations, which
    are never evaluated.
    """
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    here = places(source)
    annotations = here.annotations
    nodes = list(ast_nodes(get_ast(source)))
    seen = {_compiled(source)}
    names: Counter[str] = Counter()
    for operator_name in operator_names():
        operator_class = get_operator(operator_name)
        if operator_class.arguments():
            continue  # it changes variables that have to be named to it
        operator = operator_class()
        positions = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, position in enumerate(positions):
            if any(start <= position < end for start, end in annotations):
                continue
            mutated = mutate_code(source, operator, occurrence)
            compiled = _compiled(mutated)
            if compiled is None or compiled in seen:
                continue
            seen.add(compiled)
            name = f"{here.definition(position[0])}: {change(source, mutated)}"
            names[name] += 1
            yield Mutant(name if names[name] == 1 else f"{name} ({names[name]})", mutated)


class Places(NamedTuple):
    """Where a module has its annotations and its definitions."""

    annotations: list[tuple[Position, Position]]
    definitions: list[tuple[int, int, str]]

    def definition(self, line: int) -> str:
        """Return the dotted name of the innermost class or function around a line, or of the module's own level."""
        around = [(first, name) for first, last, name in self.definitions if first <= line <= last]
        return max(around)[1] if around else "module"


def places(source: str) -> Places:
    """Return where things are in a module's source."""
    found = Places([], [])

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = prefix
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = f"{prefix}{child.name}."
                first = min([child.lineno, *[decorator.lineno for decorator in child.decorator_list]])
                found.definitions.append((first, child.end_lineno or first, inner[:-1]))
            annotation = getattr(child, "returns", None) or getattr(child, "annotation", None)
            if isinstance(annotation, ast.expr):
                end = (annotation.end_lineno or 0, annotation.end_col_offset or 0)
                found.annotations.append(((annotation.lineno, annotation.col_offset), end))
            visit(child, inner)

    visit(ast.parse(source), "")
    return found


def change(source: str, mutated: str) -> str:
    """Return `old → new`: the lines that differ, without the space around them."""
    before, after = source.splitlines(), mutated.splitlines()
    while before and after and before[0] == after[0]:
        del before[0], after[0]
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    return " → ".join(re.sub(r"\s+", " ", " ".join(lines)).strip() for lines in (before, after))


def _compiled(source: str) -> str | None:
    """Return what distinguishes one program from another: its statements, wherever they stand."""
    try:
        tree = ast.parse(source)
        compile(tree, "mutant", "exec")
    except (SyntaxError, ValueError):
        return None
    return ast.dump(tree)
