"""What masks hide from an observer of the table entries that are read, and what not: by the attack itself."""

from __future__ import annotations

import pytest
import watched_masks
from watched_masks import Use, fresh_curve, key_of, relations, walks_of, watch

from ecpure import PrivateKey
from ecpure.masks import STEPS, USES

D = 0xC0FFEE << 180
WITHOUT_END = 1 << 62


@pytest.fixture(autouse=True)
def flint() -> None:
    """Let a test run only where python-flint is installed, with which the lattices are reduced."""
    pytest.importorskip("flint")


def watched(count: int, *, rows: int, every: int = 1, walk: int = USES) -> tuple[PrivateKey, list[Use]]:
    """Return a key, and so many of its signatures as they were watched, one of `every`, by walks of `walk` uses."""
    with walks_of(walk):
        key = PrivateKey.from_int(D, curve=fresh_curve())
        return key, watch(key, count * every, rows)[every - 1 :: every]


@pytest.mark.parametrize(("rows", "count"), [(2, 40), (3, 28), (4, 23)])
def test_uses_in_a_row_that_are_watched_give_the_key(rows: int, count: int) -> None:
    """A limit, tested so that it is not forgotten: the end of a walk does not stop an observer of uses in a row."""
    key, uses = watched(count, rows=rows)
    assert {use.walk for use in uses} == {1}
    assert key_of(uses, key.public_key) == key


def test_the_end_of_a_walk_hides_what_is_seen_now_and_then() -> None:
    """Of every 16th use the two uppermost rows, and every step: on a walk without end the key is found. Ours has eight
    such uses, fewer than its nine secrets: there is a relation between their masks only by chance (4 in 1,655 walks had
    one), which gives no key."""
    key, uses = watched(40, rows=2, every=16, walk=WITHOUT_END)
    assert len(relations(uses)) >= len(uses) - (1 + STEPS)
    assert key_of(uses, key.public_key) == key
    key, uses = watched(40, rows=2, every=16)
    walks = [[use for use in uses if use.walk == walk] for walk in range(1, 6)]
    assert [len(walk) for walk in walks] == [USES // 16] * 5
    assert max(len(relations(walk)) for walk in walks) <= 1
    assert sum(len(relations(walk)) for walk in walks) <= 2
    assert key_of(uses, key.public_key) is None


def test_the_attack_finds_no_key_that_is_not_there() -> None:
    """Equations of another key lead to no key: what is found is compared with the public key."""
    _, uses = watched(40, rows=2)
    assert key_of(uses, PrivateKey.from_int(D + 1).public_key) is None


def test_the_program_says_what_it_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each case, with the keys found on our walks and on one without end."""
    monkeypatch.setattr(watched_masks, "CASES", (("two rows", 2, 1, (12, 40)),))
    assert watched_masks.main(["--keys", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1].split(",")[0] for line in lines] == ["0 keys of 1", "1 keys of 1"] * 2
    assert lines[0].startswith(f"two rows; walks of {USES}; 12 uses seen")
