"""How objections look and are decided in the one inbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _t

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.identity import scope
from xinzhi.kernel.notices.lifecycle import DECIDE, GROUNDS, OBJECTION
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
            acts={"uphold": _decide, "dismiss": _decide},
        ),
    )


def grounds_label(code: str) -> str:
    return next((str(r.label) for r in GROUNDS if r.code == code), code)


def _present_many(ids: Sequence[int], *, actor: Actor) -> dict[int, Presented]:
    found = scope.visible(Objection.objects.filter(pk__in=ids), actor, DECIDE, household_field=None)
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
    found = scope.visible(Objection.objects.filter(pk=subject_id), actor, DECIDE, household_field=None)
    objection = found.select_related("line", "line__publication", "line__publication__village").first()
    if objection is None:
        raise NotFound()
    from xinzhi.kernel.notices.queries.publications import line_rows

    line = objection.line
    return {
        "objection": objection,
        "grounds": grounds_label(objection.grounds_code),
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

    return decide_objection(
        actor=act.actor,
        objection_id=act.subject_id,
        outcome={"uphold": "upheld", "dismiss": "dismissed"}[act.action],
        reason_code=act.reason_code,
        note=act.note,
        request_key=act.request_key,
        at=act.at,
    )
