"""The command's entry: `ecpure`, or `python -m ecpure`."""

from __future__ import annotations

import signal
import sys

from .errors import BackendUnavailable
from .io.streams import say


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status. A backend that is not there is one sentence and status 2."""
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:  # while all is imported, Ctrl-C ends us as it ends other programs
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from .cli import main as run
    except BackendUnavailable as error:
        say(f"ecpure: {error}")
        return 2
    finally:
        signal.signal(signal.SIGINT, interrupt)
    return run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
