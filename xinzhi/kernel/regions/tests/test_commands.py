from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from xinzhi.kernel.regions import queries
from xinzhi.kernel.regions.commands import group
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.regions.tests.conftest import below

TABLE = Path(__file__).parent / "anji.csv"


def test_a_table_is_imported_and_again_changes_nothing(anji: Region) -> None:
    first, again = (CliRunner().invoke(group, ["import", str(TABLE)]) for _ in range(2))
    assert "21 created" in first.output and "0 created" in again.output and "21 unchanged" in again.output


def test_a_wrong_table_is_refused_with_a_sentence(anji: Region, tmp_path: Path) -> None:
    for content in (
        b"a,b\n1,2\n",
        b"code,name\n330523206\n",
        "code,name\n330523206,山川乡\n".encode("gb18030"),
        b"",
    ):
        file = tmp_path / "table.csv"
        file.write_bytes(content)
        refused = CliRunner().invoke(group, ["import", str(file)])
        assert refused.exit_code == 1 and refused.output.startswith("Error: "), content


def test_a_succession_by_codes(anji: Region) -> None:
    old, new = (
        below(anji, "township", "皈山乡", "330523204"),
        below(anji, "township", "孝源街道", "330523004"),
    )
    done = CliRunner().invoke(group, ["succeed", "330523204", "330523004", "--on", "2014-01-15"])
    assert done.exit_code == 0 and queries.predecessors(new) == [old]
    assert CliRunner().invoke(group, ["succeed", "330523204", "1", "--on", "2014-01-15"]).exit_code == 1
