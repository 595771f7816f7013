"""Two objections on real screens: one wins; one is dismissed, appealed to the township on the phone, and dismissed for good."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.conftest import look
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.notices.models import PublicationLine
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def line(gaojiatang):
    """A deed of the household hangs out for everybody."""
    photo = evidence.store(
        actor=gaojiatang.villager, data=PHOTOS["image/jpeg"], household_id=gaojiatang.household.pk, at=NOON
    )
    deed = gaojiatang.claim("P01", evidence_ids=[photo.pk])
    verification.verify_deed(actor=gaojiatang.inspector, deed_id=deed.pk, at=NOON)
    publishing.publish_deeds(
        actor=gaojiatang.clerk, request_key=uuid4(), village_id=gaojiatang.village.pk, at=NOON
    )
    return PublicationLine.objects.get()


def object_to(page, line, tmp_path):
    """From the board to the filed objection, with a photo; a double click files one."""
    page.click(f"a[href='/notices/{line.publication_id}/']")
    page.click(f"a[href='/notices/{line.publication_id}/lines/{line.pk}/object/']")
    page.check("[name=grounds_code][value=not_done]")
    page.fill("[name=note]", "那天没有人种树。")
    path = tmp_path / "hill.jpg"
    Image.effect_noise((400, 300), 60).convert("RGB").save(path, "JPEG")
    page.set_input_files("[name=photo]", path)
    look(page, "objection-file")
    page.dblclick("form[data-once] .weui-btn_primary")
    page.wait_for_url("**/notices/objections/*/")


def test_an_objection_that_wins(gaojiatang, line, sit_down, days, tmp_path):
    phone = sit_down(gaojiatang.neighbours, width=360, height=760)
    page = phone.go("/notices/")
    object_to(page, line, tmp_path)
    expect(page.locator(".notice__when")).to_be_visible()
    look(page, "objection-waits")
    days.at = NOON + timedelta(days=2)
    answer(sit_down(gaojiatang.council, width=1280, height=860), "uphold", "not_done")
    page.reload()
    expect(page.locator("h1")).to_have_text("成立")
    line.refresh_from_db()
    assert line.state == "removed"
    assert Deed.objects.get().state == "refused"
    assert gaojiatang.balance() == 0


def test_an_objection_that_loses_and_is_appealed(gaojiatang, line, sit_down, days, tmp_path):
    phone = sit_down(gaojiatang.neighbours, width=360, height=760)
    page = phone.go("/notices/")
    object_to(page, line, tmp_path)
    days.at = NOON + timedelta(days=2)
    answer(sit_down(gaojiatang.council, width=1280, height=860), "dismiss", "evidence_holds")
    page.goto(f"{phone.base}/notices/messages/")
    page.locator("a[href^='/notices/objections/']").last.click()
    look(page, "objection-dismissed")
    page.fill("[name=note]", "照片是去年的。")
    page.dblclick("form[action$='/appeal/'] .weui-btn_primary")
    page.wait_for_load_state()
    expect(page.locator("form[action$='/appeal/']")).to_have_count(0)
    look(page, "objection-at-the-township")
    line.refresh_from_db()
    assert line.state == "objected"
    days.at = NOON + timedelta(days=4)
    answer(sit_down(gaojiatang.township, width=1280, height=860), "dismiss_appeal", "evidence_holds")
    page.reload()
    look(page, "objection-ended")
    line.refresh_from_db()
    assert line.state == "listed"
    days.at = NOON + timedelta(days=30)
    for pk in notices.due_publications(NOON + timedelta(days=30)):
        notices.close_lines_of(publication_id=pk, at=NOON + timedelta(days=30))
    assert gaojiatang.balance() == 100


def answer(person, action, reason):
    """Open the one case that waits in the inbox and decide it, with the reason the law of the case asks for."""
    page = person.go("/workflow/inbox/")
    with page.expect_response("**/workflow/notices.objection/**"):
        page.locator(".inbox__link", has_text="异议").first.click()
    page.wait_for_load_state("networkidle")
    page.click(f"details:has(form[action*='/{action}/']) summary")
    form = page.locator(f"form[action*='/{action}/']")
    form.locator("[name=reason_code]").select_option(reason)
    form.locator("[name=note]").fill("核对了照片和现场。")
    look(page, f"objection-inbox-{action}")
    with page.expect_navigation():
        form.locator("button").click()


def test_the_day_of_the_camera_survives_the_shrinking_on_the_phone(gaojiatang, sit_down, tmp_path):
    path = tmp_path / "camera.jpg"
    noise = Image.effect_noise((2600, 1900), 80).convert("RGB")
    noise.save(path, "JPEG", quality=92, exif=samples.exif(orientation=6, taken="2026:02:27 08:09:10"))
    assert path.stat().st_size > 500_000
    page = sit_down(gaojiatang.villager, width=360, height=760).go("/governance_points/claim/P01/")
    page.set_input_files("[name=photo]", path)
    expect(page.locator("[data-photo-previews] img")).to_have_count(1)
    sent = page.evaluate(
        "async () => Array.from(new Uint8Array(await document.querySelector('[name=photo]').files[0].arrayBuffer()))"
    )
    small = tmp_path / "small.jpg"
    small.write_bytes(bytes(sent))
    with Image.open(small) as image:
        exif = image.getexif()
        assert max(image.size) <= 1280 and image.size[1] > image.size[0]  # turned upright
        assert exif.get(0x0112) == 1  # and not to be turned again
        assert exif.get_ifd(0x8769)[0x9003] == "2026:02:27 08:09:10"
