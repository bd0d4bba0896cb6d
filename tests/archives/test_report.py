"""Reports: the facts of a run, text from outside, and the page on an archive's verdicts."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from reportpages import Page, facts

from ecpure import __version__
from ecpure.archives import report
from ecpure.archives.records import Settings
from ecpure.archives.report import TRUST, Sources, as_html, identifier, shown
from ecpure.archives.verdicts import REASONS, Found, result, summary
from ecpure.io.streams import Refused

KEY = bytes.fromhex("02" + "ab" * 28)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# What a run read


def test_a_file_is_named_with_its_size_and_hash(folder: Path) -> None:
    """They are those of its octets; standard input, and a pipe, can be read only once, and are not hashed."""
    octets = bytes(range(256)) * 5000
    (folder / "records").write_bytes(octets)
    os.mkfifo("pipe")
    inputs = Sources(["records", "-", "pipe"], None).facts(None, Settings({}))["inputs"]
    assert inputs == [
        {"name": "records", "size": len(octets), "sha256": hashlib.sha256(octets).hexdigest()},
        {"name": "standard input", "size": None, "sha256": None},
        {"name": "pipe", "size": None, "sha256": None},
    ]


def test_keys_are_named_with_their_files(folder: Path) -> None:
    """Each file of a folder, or the one file, or standard input; and how many keys are in them."""
    (folder / "keys").mkdir()
    for name in ("b.pem", "a.pem", "note.txt"):
        (folder / "keys" / name).write_text(name)
    settings = Settings({"a": KEY, "b": KEY})
    keys = Sources([], "keys").facts(None, settings)["keys"]
    sums = [hashlib.sha256(name.encode()).hexdigest() for name in ("a.pem", "b.pem")]
    assert (keys["name"], keys["count"]) == ("keys", 2)
    assert [tuple(file.values()) for file in keys["files"]] == [
        ("keys/a.pem", 5, sums[0]),
        ("keys/b.pem", 5, sums[1]),
    ]
    keys = Sources([], "keys/a.pem").facts(None, settings)["keys"]
    assert [tuple(file.values()) for file in keys["files"]] == [("keys/a.pem", 5, sums[0])]
    keys = Sources([], "-").facts(None, settings)["keys"]
    assert keys["files"] == [{"name": "standard input", "size": None, "sha256": None}]
    assert keys["name"] == "standard input"


def test_a_file_that_changes_during_the_run_is_told(folder: Path) -> None:
    """Its size and hash are those of the beginning; one that is gone has changed as well."""
    (folder / "a").write_bytes(b"before")
    (folder / "b").write_bytes(b"before")
    sources = Sources(["a", "b"], None)
    (folder / "a").write_bytes(b"after, and longer")
    (folder / "b").unlink()
    sums = {"size": 6, "sha256": hashlib.sha256(b"before").hexdigest(), "changed": True}
    run = sources.facts(None, Settings({}))
    assert run["inputs"] == [{"name": "a", **sums}, {"name": "b", **sums}]
    assert made(run).words.count("the file has changed since; size and hash are from the run's beginning") == 2


def test_a_file_that_is_not_there_is_left_to_its_reader() -> None:
    """The error of reading it is the one that is told."""
    assert Sources(["nowhere"], None).facts(None, Settings({}))["inputs"][0]["sha256"] is None


def test_the_facts_say_when_and_how() -> None:
    """The version, the beginning in UTC to the second, and every option that a result depends on."""
    settings = Settings({}, False, "secp256k1", "sha512", "p1363", "base64", "rpcn", frozenset(["b", "a"]))
    run = Sources([], None).facts("csv", settings, recover=False)
    assert run["ecpure"] == __version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", run["date"])
    assert run["options"] == {
        "read_as": "csv",
        "curve": "secp256k1",
        "hash": "sha512",
        "format": "p1363",
        "encoding": "base64",
        "profile": "rpcn",
        "ignore": ["a", "b"],
        "trust_record_keys": False,
        "recover": False,
    }
    assert json.loads(json.dumps(run)) == run


@pytest.mark.parametrize(
    ("keys", "trusts_all", "source"),
    [(None, False, "records"), (None, True, "records"), ("k", False, "keys"), ("k", True, "keys-and-records")],
)
def test_the_facts_say_whose_keys_were_trusted(folder: Path, keys: str | None, trusts_all: bool, source: str) -> None:
    """Without --keys each valid record vouched for itself; with --recover, a key was found and not known."""
    (folder / "k").touch()
    settings = Settings({"a": KEY} if keys else {}, trusts_all)
    run = Sources([], keys).facts(None, settings)
    assert (run["trusted"], run["trust"]) == (source, TRUST[source])
    assert ("each valid record vouched for itself" in run["trust"]) == (keys is None)
    assert Sources([], keys).facts(None, settings, recover=True)["trust"].startswith(f"{TRUST[source]} With --recover,")


# Text from outside


def test_text_is_escaped() -> None:
    """It can begin or end no element, no attribute and no reference."""
    assert shown("<b class='x'>\"&amp;") == "<bdi>&lt;b class=&#x27;x&#x27;&gt;&quot;&amp;amp;</bdi>"
    assert shown("\u00e9<") == "<bdi>\u00e9&lt;</bdi>"


@pytest.mark.parametrize(
    ("sign", "escape"),
    [
        ("\x00", r"\x00"),
        ("\n", r"\n"),
        ("\x1b", r"\x1b"),
        ("\x7f", r"\x7f"),
        ("\x85", r"\x85"),
        ("\u00a0", r"\xa0"),
        ("\u00ad", r"\xad"),
        ("\u034f", r"\u034f"),
        ("\u061c", r"\u061c"),
        ("\u200b", r"\u200b"),
        ("\u200f", r"\u200f"),
        ("\u202e", r"\u202e"),
        ("\u2028", r"\u2028"),
        ("\u2066", r"\u2066"),
        ("\u2800", r"\u2800"),
        ("\u3164", r"\u3164"),
        ("\ud800", r"\ud800"),
        ("\ue000", r"\ue000"),
        ("\ufe0f", r"\ufe0f"),
        ("\ufeff", r"\ufeff"),
        ("\udcff", r"\udcff"),
        ("\U000e0041", r"\U000e0041"),
        ("\U000e0100", r"\U000e0100"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(sign: str, escape: str) -> None:
    """Controls, marks of direction, spaces of no width, fillers, halves of a pair: as Python writes them."""
    assert shown(f"a{sign}b") == f"<bdi>a<samp>{escape}</samp>b</bdi>"
    shown(f"a{sign}b").encode("utf-8")


def test_what_can_be_seen_stays() -> None:
    """Letters of every script, with marks on them: but not so many that they cover other lines, nor one on nothing."""
    for text in ("", " two  spaces ", "Ωμέγα", "שלום", "日本", "e\u0301", "ก็", "🔑", r"\u202e"):
        assert shown(text) == f"<bdi>{text}</bdi>"
    assert shown("e" + "\u0301" * 5) == "<bdi>e" + "\u0301" * 3 + r"<samp>\u0301</samp>" * 2 + "</bdi>"
    assert shown("\u0301e") == r"<bdi><samp>\u0301</samp>e</bdi>"


def test_an_id_is_text_or_a_number() -> None:
    """An empty one is told from none."""
    assert [identifier(name) for name in ("a<", -7, "", None)] == [
        "<bdi>a&lt;</bdi>",
        "<bdi>-7</bdi>",
        "<bdi>&quot;&quot;</bdi>",
        "",
    ]


# The page


def made(run: dict[str, Any], *found: tuple[str, Found], valid: int = 0) -> Page:
    """Return the page on these results, each in a file, and on so many valid records."""
    verdicts = Counter([one.reason or "valid" for _, one in found] + ["valid"] * valid)
    lines = [result(b'"file": %b, ' % json.dumps(file).encode() if file else b"", one) for file, one in found]
    Path("results").write_bytes(b"".join(lines) + result(b"", Found(999, None, None)) * valid)
    return Page(b"".join(as_html({**summary(verdicts), "run": run}, "results")))


def run_on(*paths: str, keys: str | None = None, **settings: Any) -> dict[str, Any]:
    for path in filter(None, [*paths, keys]):
        Path(path).write_bytes(b"12345")
    return Sources(paths, keys).facts(None, Settings({"a": KEY} if keys else {}, **settings))


def test_every_record_that_is_not_valid_is_on_the_page() -> None:
    """With its line, id, verdict, reason, field and key; valid ones are only counted."""
    page = made(
        run_on("records"),
        ("", Found(2, "pay 5", "does-not-hold", key="station-1")),
        ("", Found(3, 7, "unknown-key", key=KEY.hex())),
        ("", Found(4, None, "missing-field", field="signature")),
        ("", Found(5, "fine", None, key="station-1")),
        valid=1200,
    )
    heads = ["Line", "Id", "Verdict", "Reason", "Key"]
    assert page.rows[page.rows.index(heads) :] == [
        heads,
        ["2", "pay 5", "invalid", "does-not-hold", "station-1"],
        ["3", "7", "unknown-key", "unknown-key", KEY.hex()],
        ["4", "", "unreadable", "missing-field: signature", ""],
    ]
    assert "1,201 valid 1 invalid 1 unknown-key 1 unreadable Of 1,204 records, 3 are not valid." in page.words
    assert ["1", "invalid", "does-not-hold", REASONS["does-not-hold"]] in page.rows
    assert "In 1 of 1,204 records nothing could be verified (missing-field)." in page.words
    assert "fine" not in page.words


def test_the_file_of_a_record_is_named_where_there_are_several() -> None:
    """In a column of its own."""
    page = made(run_on("a", "b"), ("b", Found(2, None, "not-json")), ("a", Found(2, None, "damaged-input")))
    assert page.rows[-3:] == [
        ["File", "Line", "Id", "Verdict", "Reason", "Key"],
        ["b", "2", "", "unreadable", "not-json", ""],
        ["a", "2", "", "unreadable", "damaged-input", ""],
    ]
    assert page.words.startswith("Verification report")
    assert "Report on 2 files, made on" in page.words
    assert "Files that are damaged may have more records" in page.words


def test_an_archive_without_fault() -> None:
    """The page says that all is valid, and that nothing was left out; there is no table of records."""
    page = made(run_on("records"), valid=1)
    assert "1 valid 0 invalid 0 unreadable Of 1 record, all are valid." in page.words
    assert "Nothing: every record could be read, and its signature was verified." in page.words
    assert "Records that are not valid" not in page.words
    assert "unknown-key" not in page.words
    assert ["records", "5 bytes", hashlib.sha256(b"12345").hexdigest()] in page.rows


def test_one_record_of_a_few() -> None:
    """One is, and two are."""
    assert "Of 2 records, 1 is not valid." in made(run_on("a"), ("", Found(1, 1, "out-of-range")), valid=1).words


def test_the_page_has_every_fact() -> None:
    """What the facts say is on it; standard input is said not to be hashed, and the defaults are said in words."""
    everything = {"hash": "sha256", "profile": "rpcn", "ignored": frozenset(["x", "y"]), "trust_record_keys": True}
    run = run_on("records", keys="keys", **everything)
    page = made(run, valid=3)
    assert [fact for fact in facts(run) if fact not in page.words] == []
    assert "--ignore x, y" in page.words
    assert "--trust-record-keys yes" in page.words
    assert "--keys keys has 1 key" in page.words
    page = made(Sources(["-"], None).facts(None, Settings({})), valid=3)
    assert ["standard input", "not known", "not hashed: it can be read only once"] in page.rows
    for words in ("--hash sha224, the curve's own", "--ignore none", "--profile none", "--trust-record-keys no"):
        assert words in page.words
    assert "--read-as by each file's name" in page.words
    assert "Files of keys" not in page.words
    assert TRUST["records"] in page.words


def test_hostile_text_does_nothing_on_the_page() -> None:
    """A file's name, an id, a field, a key's name: each is shown as it is, and what is unseen in it is escaped."""
    hostile = "<script>alert(1)</script>\u202e\ud800\x1b\"'>&lt;"
    seen = "<script>alert(1)</script>" + r"\u202e\ud800\x1b" + "\"'>&lt;"
    name = "<script>\u202e\udcff"
    page = made(
        run_on(name.replace("/", ""), "b", ignored=frozenset([hostile])),
        (hostile, Found(1, hostile, "unknown-field", field=hostile, key=hostile)),
    )
    assert page.rows[-1] == [seen, "1", seen, "unreadable", f"unknown-field: {seen}", seen]
    assert [r"<script>\u202e\udcff", "5 bytes", hashlib.sha256(b"12345").hexdigest()] in page.rows
    assert f"--ignore {seen}" in page.words
    assert set(page.escapes) == {r"\u202e", r"\ud800", r"\x1b", r"\udcff"}


def test_the_page_loads_nothing() -> None:
    """It names no address, and forbids a browser to fetch anything."""
    made(run_on("records"), ("", Found(2, "a", "not-json")))
    run = run_on("records")
    source = b"".join(as_html({**summary(Counter(valid=1)), "run": run}, "results")).decode()
    assert "default-src 'none'" in source
    assert "://" not in source
    assert not re.search(r"<script|javascript:|\bsrc=|\bon\w+=", source)


def test_a_large_page_takes_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The results are read while the page is written: the memory used does not grow with them."""
    monkeypatch.setattr(report, "_PIECES", 10)
    run, peaks = run_on("records"), []
    for count in (200, 4000):
        line = result(b"", Found(1, "x" * 100, "does-not-hold", key="k" * 100))
        Path("results").write_bytes(line * count)
        pieces = as_html({**summary(Counter({"does-not-hold": count})), "run": run}, "results")
        tracemalloc.start()
        size = sum(map(len, pieces))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert size > 1_000_000
    assert peaks[1] < peaks[0] + 20_000


def test_results_that_cannot_be_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of their file: the error is not taken for one of the page."""
    content = {**summary(Counter({"not-json": 1})), "run": run_on("records")}
    with pytest.raises(Refused, match=r"^nowhere: No such file or directory$"):
        list(as_html(content, "nowhere"))

    def fail(*_: object) -> object:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(report, "open", fail, raising=False)
    with pytest.raises(Refused, match=r"^results: Input/output error$"):
        list(as_html(content, "results"))
