"""`python -m xinzhi.config.processes [run]`, `… prepare FILE [--demo]`, `… reset`."""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    match arguments:
        case [] | ["run"]:
            from xinzhi.config.processes import supervisor

            return supervisor.main()
        case ["prepare", result, *rest]:
            from xinzhi.config.processes import prepare

            return prepare.main(Path(result), demo="--demo" in rest)
        case ["reset"]:
            from xinzhi.config.processes import reset

            return reset.main()
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
