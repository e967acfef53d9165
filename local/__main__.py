"""`python -m local up`, `down`, `sign-in` and `devices`; `make up` and `make down` call them."""

import sys

from local.cli import main

if __name__ == "__main__":
    sys.exit(main())
