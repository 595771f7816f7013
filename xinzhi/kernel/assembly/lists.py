"""docs/scenes.md and docs/ports.md, written from the manifests."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from django.utils import translation

from xinzhi.kernel.assembly import registry
from xinzhi.kernel.assembly.declaration import Text
from xinzhi.kernel.assembly.registry import Declared
from xinzhi.kernel.assembly.roles import ROLES

_HEAD = "<!-- Written by `xinzhi assembly docs` from the manifests. Do not edit. -->\n"


def generated() -> dict[str, str]:
    """File name in docs/ to its text. Only what lies in this repository: scenes of others document themselves."""
    ours = [d for d in registry.declared() if d.package.startswith("xinzhi.") and "._" not in d.package]
    return {"scenes.md": _scenes(ours), "ports.md": _ports(ours)}


def _say(text: Text, language: str = "en") -> str:
    with translation.override(language):
        return str(text)


def _named(d: Declared) -> str:
    folder = d.package.replace(".", "/")
    return f"[`{d.manifest.slug}`](../{folder}/README.md)"


def _scenes(found: Sequence[Declared]) -> str:
    lines = [_HEAD, "# Scenes and packages\n"]
    for title, chosen in (
        ("Scenes", [d for d in found if not d.is_kernel]),
        ("Kernel", [d for d in found if d.is_kernel]),
    ):
        lines += [f"## {title}\n", "| slug | name | owner | pages | permissions |", "|---|---|---|---|---|"]
        for d in chosen:
            m = d.manifest
            pages = "<br>".join(f"{_say(i.label)} (`{i.url_name}`, {i.audience})" for i in m.menu) or "–"
            codes = "<br>".join(f"`{p.code}` {_say(p.name)}" for p in m.permissions) or "–"
            name = " ".join(dict.fromkeys((_say(m.name, "zh-hans"), _say(m.name))))
            lines.append(f"| {_named(d)} | {name} | {m.owner} | {pages} | {codes} |")
        lines.append("")
    lines += ["## Roles\n", "| role | may |", "|---|---|"]
    roles = {"villager": "villager, for the own household", **{code: code for code in ROLES}}
    for role, shown in roles.items():
        held = registry.own_permissions() if role == "villager" else registry.permissions_of(role)
        ours = {p.code for d in found for p in d.manifest.permissions}
        lines.append(f"| {shown} | {', '.join(f'`{c}`' for c in sorted(held & ours)) or '–'} |")
    open_questions = [(d, q) for d in found for q in d.manifest.questions]
    if open_questions:
        lines += ["", "## Open questions\n", *(f"- {_named(d)}: {q}" for d, q in open_questions)]
    return "\n".join(lines) + "\n"


def _ports(found: Sequence[Declared]) -> str:
    lines = [
        _HEAD,
        "# Facts: who publishes, who listens\n",
        "| fact | published by | heard by |",
        "|---|---|---|",
    ]
    for d in found:
        for name in d.manifest.publishes:
            readers = [
                f"{_named(other)} `{other.manifest.listens[name]}`"
                for other in found
                if name in other.manifest.listens
            ]
            lines.append(f"| `{name}` | {_named(d)} | {'<br>'.join(readers) or '–'} |")
    lines += ["", "# Lifecycles\n", "| lifecycle | declared by |", "|---|---|"]
    for d in found:
        lines += [f"| `{d.load(dotted).name}` ({dotted}) | {_named(d)} |" for dotted in d.manifest.lifecycles]
    lines += ["", "# Ports: where a scene plugs into the kernel\n", "| port | what one brings |", "|---|---|"]
    for d in found:
        if d.is_kernel and find_spec(f"{d.package}.ports"):
            said = (import_module(f"{d.package}.ports").__doc__ or "").strip().partition("\n")[0]
            lines.append(
                f"| [`{d.manifest.slug}.ports`](../{d.package.replace('.', '/')}/ports.py) | {said} |"
            )
    return "\n".join(lines) + "\n"
