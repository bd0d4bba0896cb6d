"""Output of `ecpure explain`: lines for people to read, and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .readings import Guess, Miss


@dataclass(frozen=True, slots=True)
class Explanation:
    """All readings of some octets. verified, tried: what `verifications` yields, and `tried` returns, for each guess;
    None and empty if nothing was to be verified.
    """

    octets: int
    guesses: list[Guess]
    misses: list[Miss]
    verified: list[list[str]] | None
    tried: list[list[str]] = field(default_factory=list)

    def as_lines(self) -> Iterator[str]:
        """Yield lines for people to read."""
        yield f"{self.octets} bytes" if self.octets != 1 else "1 byte"
        for place, one in enumerate(self.guesses):
            yield f"is {one.what}"
            words: list[str] = []
            if self.verified is not None and (one.signature or one.reading):
                words = self.verified[place] or ["verifies under nothing that was tried", *self.tried[place]]
            for detail in [*one.details, *words]:
                yield f"  {detail}"
        for miss in self.misses:
            yield f"is not quite {miss.what}"
            where = f"byte {miss.octet}: "
            yield f"  {'' if miss.octet is None or where in miss.reason else where}{miss.reason}"

    def as_json(self) -> dict[str, Any]:
        """Return it, ready for `json.dumps`."""
        readings: list[dict[str, object]] = []
        for place, one in enumerate(self.guesses):
            readings.append({"what": one.what, "details": one.details})
            if self.verified is not None:
                readings[-1] |= {"verifies": self.verified[place], "tried": self.tried[place]}
        refusals = [{"what": miss.what, "octet": miss.octet, "reason": miss.reason} for miss in self.misses]
        return {"octets": self.octets, "readings": readings, "refusals": refusals}
