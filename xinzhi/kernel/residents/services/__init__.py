"""Writes on households and persons: one function per act, each one transaction with its audit record."""

from xinzhi.kernel.residents.members import NewMember
from xinzhi.kernel.residents.roster.importing import import_roster, read_roster
from xinzhi.kernel.residents.roster.report import ImportReport
from xinzhi.kernel.residents.services.contact import bind_contact, reachable, read_contacts
from xinzhi.kernel.residents.services.erasure import erase_person
from xinzhi.kernel.residents.services.households import (
    add_member,
    change_household,
    end_membership,
    register_household,
)
from xinzhi.kernel.residents.services.keys import rotate_keys
from xinzhi.kernel.residents.services.life.heads import change_head
from xinzhi.kernel.residents.services.life.joining import record_birth, record_marriage_in, record_return
from xinzhi.kernel.residents.services.life.leaving import (
    record_death,
    record_marriage_out,
    record_moving_away,
)
from xinzhi.kernel.residents.services.life.rehearsing import rehearse
from xinzhi.kernel.residents.services.life.succeeding import (
    Merger,
    Split,
    merge_households,
    split_household,
)
from xinzhi.kernel.residents.services.persons import change_person, reveal, set_value

__all__ = [
    "ImportReport",
    "Merger",
    "NewMember",
    "Split",
    "add_member",
    "bind_contact",
    "change_head",
    "change_household",
    "change_person",
    "end_membership",
    "erase_person",
    "import_roster",
    "merge_households",
    "reachable",
    "read_contacts",
    "read_roster",
    "record_birth",
    "record_death",
    "record_marriage_in",
    "record_marriage_out",
    "record_moving_away",
    "record_return",
    "register_household",
    "rehearse",
    "reveal",
    "rotate_keys",
    "set_value",
    "split_household",
]
