"""The words in which the matrix is written, and where its parts come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from xinzhi.config.packages import installed_packages, slug_of

#: Sent to log in, and back afterwards.
LOGIN = "to log in"
#: Who knocks at home's side, in the order of a knock's answers.
KNOCKING = ("stranger", "villager", "clerk")
#: Whose answers differ from route to route and are not told here: nothing of the decoy stands in them either.
ALSO = ("inspector", "council", "program")

Answer = int | str


@dataclass(frozen=True)
class Knock:
    """One request at the decoy's door, and what each may get for it.

    `by` names who does get through: "office" is the decoy's clerk, "household" its member; "" where there is nothing of a
    village behind the door. He sees the decoy (or something of it changes), so that the request is known to be a good
    one; where he does not, `plain` says so. `public` names what of the decoy everybody may read there. Texts in braces are
    filled from the names of the world.
    """

    stranger: Answer
    villager: Answer
    clerk: Answer
    by: str = ""
    ask: str = ""
    send: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    fill: dict[str, str] = field(default_factory=dict)
    plain: bool = False
    public: tuple[str, ...] = ()


Matrix = dict[str, list[Knock]]
PARTS = Path(__file__).with_name("matrix")


def matrix() -> Matrix:
    """Each package's part from `matrix/<slug>.py`; parts of scenes that are not installed stay out."""
    installed = {slug_of(package) for package in installed_packages()}
    found: Matrix = {}
    for path in sorted(PARTS.glob("*.py")):
        if path.stem in installed | {"root"}:
            part: Matrix = import_module(f"tests.scope.matrix.{path.stem}").ROUTES
            twice = found.keys() & part.keys()
            assert not twice, f"{path.name} holds what another part holds already: {sorted(twice)}"
            found |= part
    return found
