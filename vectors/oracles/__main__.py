"""`python vectors/oracles`, which is `make oracles`: see confirm.py."""

import sys

from confirm import main

sys.exit(main(sys.argv[1:]))
