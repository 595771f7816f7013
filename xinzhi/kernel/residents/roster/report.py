"""What an import did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field

from xinzhi.kernel.residents.roster.columns import LeftOut
from xinzhi.kernel.residents.roster.differences import Difference, NotInFile, ProposedMove
from xinzhi.kernel.sheets import RowProblem

__all__ = ["Difference", "ImportReport", "NotInFile", "ProposedMove", "RowProblem"]


@dataclass
class ImportReport:
    """Counts and, row by row, what has to be put right. A household with a problem is left out as a whole.

    `differences` and whom the file does not name are lists of at most `differences.MOST`, beside totals of all.
    `moves` are left for somebody to enter. All of these show values of file and register: they are for the person who
    sent it, and are not to be kept in logs or job arguments.
    """

    dry_run: bool
    rows: int = 0
    households: int = 0
    households_created: int = 0
    households_updated: int = 0
    households_unchanged: int = 0
    households_rejected: int = 0
    persons_created: int = 0
    persons_updated: int = 0
    persons_unchanged: int = 0
    households_not_in_file: int = 0
    groups_created: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    left_out: tuple[LeftOut, ...] = ()
    differences: list[Difference] = field(default_factory=list)
    differences_total: int = 0
    not_in_file: list[NotInFile] = field(default_factory=list)
    not_in_file_total: int = 0
    other_households: list[NotInFile] = field(default_factory=list)
    moves: list[ProposedMove] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many households and persons are created or changed; 0 when the same file comes again."""
        return self.households_created + self.households_updated + self.persons_created + self.persons_updated

    @property
    def has_problems(self) -> bool:
        return bool(self.problems)
