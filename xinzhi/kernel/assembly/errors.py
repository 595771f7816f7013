"""Refusals of the switch."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Conflict, NotFound


class UnknownScene(NotFound):
    code = "assembly.unknown_scene"
    sentence = _("There is no scene “%(slug)s”. The scenes are: %(known)s.")


class SwitchedOff(Conflict):
    code = "assembly.switched_off"
    sentence = _("“%(scene)s” is switched off in your area. The county office can switch it on.")
