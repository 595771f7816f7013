"""Writes on households and persons: one function per act, each one transaction with its audit record."""

from xinzhi.kernel.residents.members import NewMember
from xinzhi.kernel.residents.roster.importing import import_roster, read_roster
from xinzhi.kernel.residents.roster.report import ImportReport
from xinzhi.kernel.residents.services.erasure import erase_person
from xinzhi.kernel.residents.services.households import (
    add_member,
    change_household,
    end_membership,
    register_household,
)
from xinzhi.kernel.residents.services.keys import rotate_keys
from xinzhi.kernel.residents.services.persons import change_person, reveal, set_value

__all__ = [
    "ImportReport",
    "NewMember",
    "add_member",
    "change_household",
    "change_person",
    "end_membership",
    "erase_person",
    "import_roster",
    "read_roster",
    "register_household",
    "reveal",
    "rotate_keys",
    "set_value",
]
