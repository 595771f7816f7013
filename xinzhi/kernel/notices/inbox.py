"""How objections look and are decided in the one inbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _t

from xinzhi.kernel.evidence import queries as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.identity import scope
from xinzhi.kernel.notices.lifecycle import DECIDE, DECIDE_APPEAL, ENTER, FILE, GROUNDS, OBJECTION
from xinzhi.kernel.notices.models import Objection
from xinzhi.kernel.workflow import ports
from xinzhi.kernel.workflow.lifecycle import Act, Presented


def connect() -> None:
    """Called once when the apps are ready."""
    ports.register(
        OBJECTION.name,
        ports.Port(
            present_many=_present_many,
            detail_template="notices/_objection.html",
            detail_context=_detail_context,
            acts=dict.fromkeys(("uphold", "dismiss", "uphold_appeal", "dismiss_appeal"), _decide),
        ),
    )


def grounds_label(code: str) -> str:
    return next((str(r.label) for r in GROUNDS if r.code == code), code)


def _for_deciding(found: QuerySet[Objection], actor: Actor) -> QuerySet[Objection]:
    """Those of the villages where the actor answers, and those that came to the township where he decides."""
    here = scope.visible(found, actor, DECIDE, household_field=None)
    return here | scope.visible(found, actor, DECIDE_APPEAL, household_field=None)


def visible_subjects(actor: Actor, subjects: Iterable[str]) -> set[str]:
    """Evidence of an objection is for its own household, for who enters and for who decides; not for the one credited."""
    ids = [int(pk) for s in subjects if (pk := s.partition(":")[2]).isdigit() and len(pk) < 19]
    found = Objection.objects.filter(pk__in=ids)
    mine = found.filter(objector_household_id__in=actor.own_households(FILE))
    entered = scope.visible(found, actor, ENTER, household_field=None)
    seen = {
        *mine.values_list("pk", flat=True),
        *(entered | _for_deciding(found, actor)).values_list("pk", flat=True),
    }
    return {f"notices.objection:{pk}" for pk in seen}


def _present_many(ids: Sequence[int], *, actor: Actor) -> dict[int, Presented]:
    found = _for_deciding(Objection.objects.filter(pk__in=ids), actor)
    rows = found.select_related("line", "line__publication")
    return {
        o.pk: Presented(
            title=_t("Objection: %(label)s") % {"label": o.line.label},
            subtitle=f"{grounds_label(o.grounds_code)} · {o.line.publication.number}",
        )
        for o in rows
    }


def _detail_context(subject_id: int, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The line, the ground and what the scene knows of the case behind it. Raises NotFound."""
    found = _for_deciding(Objection.objects.filter(pk=subject_id), actor)
    objection = found.select_related("line", "line__publication", "line__publication__village").first()
    if objection is None:
        raise NotFound()
    from xinzhi.kernel.notices.queries.publications import line_rows

    line = objection.line
    return {
        "objection": objection,
        "grounds": grounds_label(objection.grounds_code),
        "files": evidence.of_subject(str(objection), actor),
        "line": line_rows([line], actor=actor, at=at)[0],
        "publication": line.publication,
        "behind": _cases([(line.subject_type, line.subject_id)], actor).get(
            (line.subject_type, line.subject_id)
        ),
    }


def _cases(subjects: Sequence[tuple[str, int]], actor: Actor) -> dict[tuple[str, int], Presented]:
    ids: dict[str, list[int]] = defaultdict(list)
    for lifecycle, subject_id in subjects:
        ids[lifecycle].append(subject_id)
    return {
        (lifecycle, pk): shown
        for lifecycle, of in ids.items()
        for pk, shown in ports.port_of(lifecycle).present_many(of, actor=actor).items()
    }


def _decide(act: Act) -> Objection:
    from xinzhi.kernel.notices.services import decide_objection
    from xinzhi.kernel.notices.services.objecting import UPHELD

    return decide_objection(
        actor=act.actor,
        objection_id=act.subject_id,
        outcome="upheld" if act.action in UPHELD else "dismissed",
        reason_code=act.reason_code,
        note=act.note,
        request_key=act.request_key,
        at=act.at,
    )
