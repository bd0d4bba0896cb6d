"""Entry point of the command: `ecpure`, or `python -m ecpure`."""

from __future__ import annotations

import signal
import sys
import threading

from .errors import BackendUnavailable
from .io.streams import say


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status. If the backend is not available: one sentence, and status 2.

    argv: the arguments, or None for those of the process, which then ends after the command.
    """
    interrupt = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()  # only there can a handler be set
    if is_main and interrupt is signal.default_int_handler:  # during the imports, Ctrl-C ends us as other programs
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from .cli import main as run
        from .io.ending import end

        status = run(sys.argv[1:] if argv is None else argv, is_last=argv is None)
    except BackendUnavailable as error:
        say(f"ecpure: {error}")
        return 2
    except MemoryError:
        say("ecpure: out of memory")
        return 2
    else:
        if argv is None:
            end(status)
        return status
    finally:
        if is_main and argv is not None:
            signal.signal(signal.SIGINT, interrupt)


if __name__ == "__main__":
    sys.exit(main())
