"""What the linter found."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from xinzhi.kernel.workflow.lifecycle import Text

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about a rule, or about the whole charter (`rule_code` empty).

    An error stops the draft. A warning is acknowledged by its `key`, which changes with the words it is about: who changes the rule
    afterwards is asked again.
    """

    code: str
    severity: Severity
    rule_code: str
    what: Text
    why: Text
    article: str
    instead: Text
    found: str = ""
    about: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    @property
    def key(self) -> str:
        content = "\x1f".join((self.code, self.rule_code, self.found, self.about))
        return hashlib.sha256(content.encode()).hexdigest()[:16]
