"""`python -m app COMMAND`."""

import sys

from app.admin import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
