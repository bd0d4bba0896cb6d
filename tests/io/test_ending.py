"""Ending when told to: the first signal is an interrupt, the second one is the end, and what is ignored stays so."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ecpure.io import ending
from ecpure.io.ending import children, interruptible

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


pytestmark = pytest.mark.usefixtures("signal_handlers")


def ends(program: str) -> tuple[int, bytes, bytes]:
    """Run a program that has `tell` to signal itself, and return its status, output and errors."""
    begin = """
import os, signal, subprocess, sys
from ecpure.io import ending
from ecpure.io.ending import children, end, interruptible
signal.signal(signal.SIGINT, signal.default_int_handler)
def tell(number=signal.SIGINT):
    os.kill(os.getpid(), number)
"""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", begin + program]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60, env=environment)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_an_interrupt(number: signal.Signals) -> None:
    """In the block only: after it, the signal does what it did before."""
    met: list[int] = []
    signal.signal(number, lambda number, _: met.append(number))
    with pytest.raises(KeyboardInterrupt), interruptible():
        os.kill(os.getpid(), number)
    assert met == []
    os.kill(os.getpid(), number)
    assert met == [number]


def test_a_block_without_a_signal() -> None:
    """Handlers are put back, also when the block ends by an exception."""
    before = [signal.getsignal(number) for number in SIGNALS]

    def fail() -> None:
        with interruptible():
            assert [signal.getsignal(number) for number in SIGNALS] != before
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_second_signal_ends_at_once() -> None:
    """Whatever the process is at after the first, and whichever the two are: in one sentence, with status 2."""
    program = """
with interruptible():
    try:
        tell()
    except KeyboardInterrupt:
        tell(signal.SIGTERM)
    finally:
        print("not reached", flush=True)
"""
    assert ends(program) == (2, b"", b"ecpure: interrupted\n")


def test_a_second_signal_ends_the_children_too() -> None:
    """None is left that could still write where this process wrote."""
    program = """
children.add(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]))
with interruptible():
    try:
        tell()
    finally:
        tell()
"""
    assert ends(program) == (2, b"", b"ecpure: interrupted\n")  # its streams are closed: by the child as well


def test_a_second_signal_removes_what_was_begun(tmp_path: Path) -> None:
    """A file that is half written would never be finished; one that is gone already is no matter."""
    program = f"""
from ecpure.io import files
from ecpure.io.ending import unfinished
unfinished.add({str(tmp_path / "gone")!r})
def pieces():
    yield b"half"
    print(len(os.listdir({str(tmp_path)!r})), len(unfinished), flush=True)
    try:
        tell()
    finally:
        tell()
with interruptible():
    files.write_pieces({str(tmp_path / "file")!r}, pieces())
"""
    assert ends(program) == (2, b"1 2\n", b"ecpure: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_second_signal_removes_a_key_that_was_begun(tmp_path: Path) -> None:
    """It lies in its own place, where half a key would be taken for one, and nothing could be written."""
    program = f"""
from ecpure.io import files
def fsync(descriptor):
    try:
        tell()
    finally:
        tell()
os.fsync = fsync
with interruptible():
    files.write_secret({str(tmp_path / "key")!r}, b"half")
"""
    assert ends(program) == (2, b"", b"ecpure: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_a_thread_begins_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not keep the process from its end."""
    begun = {"file"}
    monkeypatch.setattr(ending, "unfinished", begun)
    monkeypatch.setattr(os, "unlink", lambda path: begun.add(f"{path} of a thread"))
    ending._remove_unfinished()
    assert begun == {"file", "file of a thread"}


def test_without_standard_error_the_second_signal_ends_all_the_same() -> None:
    """There is nowhere to say it."""
    program = """
sys.stderr = None
with interruptible():
    try:
        tell()
    finally:
        tell()
"""
    assert ends(program) == (2, b"", b"")


def test_a_signal_while_it_says_how_it_ended_changes_nothing() -> None:
    """After the last block, for a second; one that comes later ends the process, as something else holds it up."""
    program = """
with interruptible(is_last=True):
    pass
tell()
print("said", flush=True)
ending._GRACE = 0.0
tell()
print("not reached", flush=True)
"""
    assert ends(program) == (2, b"said\n", b"")


def test_the_end_after_an_interrupt_takes_the_status() -> None:
    """It waits for no buffer; without an interrupt, further signals are ignored."""
    program = """
try:
    with interruptible(is_last=True):
        tell()
except KeyboardInterrupt:
    print("lost")
    end(2)
"""
    assert ends(program) == (2, b"", b"")
    program = """
with interruptible(is_last=True):
    pass
end(1)
tell()
tell(signal.SIGTERM)
print("kept")
"""
    assert ends(program) == (0, b"kept\n", b"")


def test_what_is_ignored_stays_ignored() -> None:
    """As in the background of a shell, or under nohup; the other signals are heard."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with interruptible():
        os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    with pytest.raises(KeyboardInterrupt), interruptible():
        os.kill(os.getpid(), signal.SIGTERM)


def test_another_thread_is_untouched() -> None:
    """There Python handles no signals: the block runs, and the handlers stay."""
    before = [signal.getsignal(number) for number in SIGNALS]
    found: list[list[object]] = []

    def work() -> None:
        with interruptible():
            found.append([signal.getsignal(number) for number in SIGNALS])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [before]


def test_the_end_of_the_block_ends_the_children() -> None:
    """However the block is left."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as child:
        children.add(child)
        try:
            with pytest.raises(KeyboardInterrupt), interruptible():
                raise KeyboardInterrupt
            assert child.wait(60) == -signal.SIGKILL
        finally:
            children.discard(child)


# In this process, where it is traced: the end is an exception.


class Ended(BaseException):
    """The process would have ended with this status."""


def ended(status: int) -> None:
    raise Ended(status)


def interrupt(times: int) -> None:
    for _ in range(times):
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_the_end_in_this_process(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The second signal, one after the grace, and `end` after an interrupt: each ends with its status."""
    begun = tmp_path / "begun"
    begun.touch()
    monkeypatch.setattr(os, "_exit", ended)
    monkeypatch.setattr(ending, "unfinished", {str(begun), str(tmp_path / "gone")})
    with pytest.raises(Ended, match=r"^2$"), interruptible():
        interrupt(2)
    assert not begun.exists()
    assert capfd.readouterr().err == "ecpure: interrupted\n"
    with interruptible(is_last=True):
        interrupt(1)
    interrupt(1)
    with pytest.raises(Ended, match=r"^1$"):
        ending.end(1)
    monkeypatch.setattr(ending, "_GRACE", 0.0)
    with pytest.raises(Ended, match=r"^2$"):
        os.kill(os.getpid(), signal.SIGTERM)


def test_signals_are_ignored_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last block was not told to end."""
    monkeypatch.setattr(os, "_exit", ended)
    with interruptible():
        pass
    ending.end(0)
    assert [signal.getsignal(number) for number in SIGNALS] == [signal.SIG_IGN] * 3
