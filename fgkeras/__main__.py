"""`python -m fgkeras VERB`, the same as `fgkeras VERB`."""

import sys

from fgkeras.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
