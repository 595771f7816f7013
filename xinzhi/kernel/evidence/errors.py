"""Refusals of evidence. Each says what was needed, what was found, and what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, TooMany


class EvidenceNotFound(NotFound):
    code = "evidence.not_found"
    sentence = _("This file was not found, or it is not yours to see.")


class EvidenceErased(NotFound):
    code = "evidence.erased"
    status = 410
    sentence = _("This file was deleted at the wish of the household it belonged to.")


class EvidenceRefused(Invalid):
    """The base of all refusals of a file."""

    code = "evidence.refused"


class FileEmpty(EvidenceRefused):
    code = "evidence.empty"
    sentence = _("The file is empty. Please choose or record it again.")


class TypeRefused(EvidenceRefused):
    code = "evidence.type_refused"
    sentence = _(
        "A photo (JPEG, PNG, WebP, HEIC, GIF), a voice note or a PDF is needed; this file is %(found)s. "
        "Please take a photo of it instead."
    )


class ActiveContent(EvidenceRefused):
    code = "evidence.active_content"
    sentence = _(
        "This file carries something hidden that could run on other devices. Please take a new photo of it."
    )


class PhotoBroken(EvidenceRefused):
    code = "evidence.photo_broken"
    sentence = _(
        "The photo is damaged or was cut off on the way. Please choose it again, or take a screenshot of it and send that."
    )


class VoiceBroken(EvidenceRefused):
    code = "evidence.voice_broken"
    sentence = _("The voice note is damaged or was cut off on the way. Please record it again.")


class VideoRefused(EvidenceRefused):
    code = "evidence.video_refused"
    sentence = _("Videos are not kept. Please send a photo or a voice note.")


class DocumentBroken(EvidenceRefused):
    code = "evidence.document_broken"
    sentence = _(
        "The PDF is damaged or was cut off on the way. Please save it again, or take a photo of the paper."
    )


class DocumentLocked(EvidenceRefused):
    code = "evidence.document_locked"
    sentence = _(
        "The PDF is protected by a password. Please save it without one, or take a photo of the paper."
    )


class FileTooBig(TooLarge):
    code = "evidence.too_big"
    sentence = _("The file is larger than %(most)s MB, the most for this kind. Please send a smaller one.")


class TooManyPixels(TooLarge):
    code = "evidence.too_many_pixels"
    sentence = _(
        "The photo has more than %(most)s million pixels. Please choose a smaller size in the camera, or take a screenshot."
    )


class TooManyLoose(TooMany):
    code = "evidence.too_many_loose"
    sentence = _(
        "You have uploaded %(most)s files without sending in what they belong to. Please send that in first."
    )


class AlreadyAttached(Conflict):
    code = "evidence.already_attached"
    sentence = _("One of the files already belongs to something else. Please upload it again.")


class RequestKeyTaken(Conflict):
    code = "evidence.request_key_taken"
    sentence = _("This upload was already made by somebody else. Please open the page again.")


class FileMissing(Conflict):
    code = "evidence.file_missing"
    status = 503
    sentence = _("The file is registered but not in the store. Please tell the administrator: %(reference)s.")


class PurposeNeeded(Invalid):
    code = "evidence.purpose_needed"
    sentence = _("Say for what the original is opened: one of %(needed)s.")


class MayNotUpload(Forbidden):
    code = "evidence.may_not_upload"
    sentence = _("You can add files for your own household only, or in the villages you work in.")


class UploadTargetNeeded(Invalid):
    code = "evidence.target_needed"
    sentence = _("Say for which household or village the file is.")
