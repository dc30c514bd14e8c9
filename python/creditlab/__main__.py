"""The command line: `creditlab`, and `python -m creditlab`."""

import sys

from ._native import cli


def main() -> None:
    """Runs the command that the process was started with."""
    # an interruption is the program's own matter: it keeps what was finished
    sys.exit(cli(["creditlab", *sys.argv[1:]], []))


if __name__ == "__main__":
    main()
