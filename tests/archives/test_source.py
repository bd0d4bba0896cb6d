"""The blocks of an archive with what is noted of each, by which a run is resumed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from archives import archive

from ecpure.archives import blocks, shape
from ecpure.archives.records import Settings
from ecpure.archives.source import Source
from ecpure.io.streams import Refused

OCTETS = archive(20)
SETTINGS = Settings({})
LEFT = "o.part"
CHANGED = r": the records have changed since the unfinished run began: delete o.part to begin anew$"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an archive of several blocks."""
    monkeypatch.setattr(blocks, "BLOCK", 1 << 10)
    path = tmp_path / "records"
    path.write_bytes(OCTETS)
    return path


def test_blocks_that_have_their_results_are_skipped(path: Path) -> None:
    """They are read, and must be what they were; the position is that after them."""
    source = Source([str(path)], None, SETTINGS)
    assert source.pass_over(0, "", LEFT) == 0
    noted = [source.noted() for _ in source]
    assert len(noted) > 3
    for done, (fingerprint, position) in enumerate(noted, 1):
        again = Source([str(path)], None, SETTINGS)
        assert again.pass_over(done, fingerprint, LEFT) == position
        assert len(list(again)) == len(noted) - done
    fingerprint, _ = noted[1]
    for done in (1, 3, 99):
        with pytest.raises(Refused, match=CHANGED):
            Source([str(path)], None, SETTINGS).pass_over(done, fingerprint, LEFT)


def test_blocks_after_those_skipped_are_noted_the_same(path: Path) -> None:
    """A run that is resumed notes what a run in one piece does."""
    whole = Source([str(path)], None, SETTINGS)
    noted = [whole.noted() for _ in whole]
    resumed = Source([str(path)], None, SETTINGS)
    resumed.pass_over(2, noted[1][0], LEFT)
    assert [resumed.noted() for _ in resumed] == noted[2:]


def test_what_is_read_ahead_is_noted_in_order(path: Path) -> None:
    """Several blocks may be taken before the first is noted; the last position is the end of the file."""
    ahead = Source([str(path)], None, SETTINGS)
    taken = list(ahead)
    one_by_one = Source([str(path)], None, SETTINGS)
    assert [ahead.noted() for _ in taken] == (noted := [one_by_one.noted() for _ in one_by_one])
    assert [position for _, position in noted] == [block.position for block in taken]
    assert noted[-1][1] == len(OCTETS)
    assert b"".join(block.octets for block in taken) == OCTETS


@pytest.mark.parametrize("change", ["an octet", "cut off", "another file", "a line moved", "read as CSV"])
def test_records_that_have_changed_are_refused(path: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has changed in what was done: an octet, a length, in which file or how a line is read."""
    source = Source([str(path)], None, SETTINGS)
    fingerprint, _ = [source.noted() for _ in source][-1]
    count = sum(1 for _ in blocks.blocks([str(path)], None))
    paths, form = [str(path)], None
    if change == "an octet":
        path.write_bytes(OCTETS.replace(b'"id": 19', b'"id": 18'))
    elif change == "cut off":
        path.write_bytes(OCTETS[:-9])
    elif change == "a line moved":
        path.write_bytes(b"\n" + OCTETS)
    elif change == "another file":
        path.with_name("empty").touch()
        paths = [str(path.with_name("empty")), str(path)]
    else:
        form = "csv"
        monkeypatch.setattr(shape, "require", lambda *_: None)  # by which it would be refused before
    with pytest.raises(Refused, match=CHANGED):
        Source(paths, form, SETTINGS).pass_over(count, fingerprint, LEFT)


def test_the_refusal_names_what_to_look_at_and_what_to_delete(path: Path) -> None:
    """The file of records, or the last one that may have changed, and what the run left."""
    other, third = path.with_name("b"), path.with_name("c")
    other.write_bytes(OCTETS)
    third.write_bytes(OCTETS)
    paths = [str(path), str(other), str(third)]
    source = Source(paths, None, SETTINGS)
    noted = [source.noted()[0] for _ in source]
    each = len(noted) // 3
    other.write_bytes(OCTETS.replace(b'"id": 19', b'"id": 18'))
    for names, done, where in (
        (paths, 2 * each, f"{other} or a file before it"),
        ([str(other)], each, str(other)),
    ):
        words = (
            f"{where}: the records have changed since the unfinished run began: delete o.part and o.state to begin anew"
        )
        with pytest.raises(Refused, match=f"^{re.escape(words)}$"):
            Source(names, None, SETTINGS).pass_over(done, noted[done - 1], "o.part and o.state")
    path.write_bytes(b"")
    with pytest.raises(Refused, match=f"^{re.escape(str(path))}: the records have changed"):
        Source([str(path)], None, SETTINGS).pass_over(1, noted[0], LEFT)


def test_records_that_were_added_since_are_read(path: Path) -> None:
    """They come after what was done, which has not changed."""
    source = Source([str(path)], None, SETTINGS)
    first = next(source)
    fingerprint, position = source.noted()
    path.write_bytes(OCTETS + OCTETS)
    longer = Source([str(path)], None, SETTINGS)
    assert longer.pass_over(1, fingerprint, LEFT) == position
    assert sum(len(block.octets) for block in [first, *longer]) == 2 * len(OCTETS)
