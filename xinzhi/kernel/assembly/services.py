"""Switch a scene on or off in a region."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from xinzhi.kernel.assembly import registry, switching
from xinzhi.kernel.assembly.errors import SwitchedOff, UnknownScene
from xinzhi.kernel.assembly.models import Switch
from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.regions import queries as regions

SWITCH = "assembly.scene.switch"


@transaction.atomic
def switch_scene(*, actor: Actor, slug: str, region_id: int, enabled: bool, at: datetime) -> Switch:
    """Switch a scene on or off in a region and all below it, from today on (按区域开关场景).

    What stands already stays; pages, API and facts of the scene rest there. Saying the same twice changes
    nothing. Raises Forbidden, UnknownScene, RegionNotFound.
    """
    region = regions.region(region_id)
    actor.require(SWITCH, scope_path=region.scope_path)
    known = {d.manifest.slug for d in registry.scenes()}
    if slug not in known:
        raise UnknownScene(slug=slug[:40], known=", ".join(sorted(known)))
    today = clock.local_date(at)
    # Two officers at once take turns, also when there is no row yet that could be locked.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{SWITCH}:{slug}:{region_id}"]
        )
    current = Switch.objects.filter(slug=slug, region_id=region_id, active_to__isnull=True).first()
    if current is not None and current.enabled == enabled:
        return current
    if current is not None:
        current.active_to = max(today, current.active_from)
        current.save(update_fields=["active_to"])
    row = Switch.objects.create(slug=slug, region_id=region_id, enabled=enabled, active_from=today)
    audit.record(
        actor=actor,
        action=f"assembly.switch_{'on' if enabled else 'off'}",
        subject=f"assembly.scene:{slug}",
        region_id=region_id,
        at=at,
    )
    switching.ask_again()
    return row


def require_enabled(slug: str, *, region_id: int) -> None:
    """Raise SwitchedOff unless the scene is on in this region: for services that act in one village."""
    if not switching.is_enabled(slug, region_id):
        raise switched_off(slug)


def switched_off(slug: str) -> SwitchedOff:
    """The refusal, with the scene's name."""
    names = {d.manifest.slug: d.manifest.name for d in registry.declared()}
    return SwitchedOff(scene=str(names.get(slug, slug)))
