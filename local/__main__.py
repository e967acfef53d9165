"""`python -m local up` and `python -m local down`; `make up` and `make down` call them."""

import sys

from local.cli import main

if __name__ == "__main__":
    sys.exit(main())
