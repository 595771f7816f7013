"""Keys: from the environment in production, made once and kept in the state directory on a laptop."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secrets:
    """`session_key` signs sessions. `field_keys` encrypt personal values, newest first, as hex of 32 bytes;
    older ones only decrypt (rotation). `index_key` makes blind indexes. `seal_seed` is the Ed25519 seed
    that signs audit and ledger seals, as hex of 32 bytes."""

    session_key: str
    field_keys: tuple[str, ...]
    index_key: str
    seal_seed: str


def make_private(state_dir: Path) -> None:
    """Make the state directory if it is not there; one that is there keeps its mode.

    Nobody else looks in. Root's may be walked through by name, since the embedded PostgreSQL lies below it and
    never runs as root.
    """
    if not state_dir.is_dir():
        state_dir.mkdir(parents=True, exist_ok=True)
        state_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)


def load_secrets(state_dir: Path) -> Secrets:
    """XINZHI_SECRET_KEY, XINZHI_FIELD_KEYS (comma separated, newest first), XINZHI_INDEX_KEY, XINZHI_SEAL_SEED.

    What the environment does not give is made once and kept in `secrets.json` (mode 600).
    """
    path = state_dir / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    names = ("XINZHI_SECRET_KEY", "XINZHI_FIELD_KEYS", "XINZHI_INDEX_KEY", "XINZHI_SEAL_SEED")
    values = {name: os.environ.get(name) or kept.get(name) or "" for name in names}
    missing = [name for name, value in values.items() if not value]
    if missing:
        values |= {name: secrets.token_hex(32) for name in missing}
        make_private(state_dir)
        fresh = kept | {name: values[name] for name in missing}
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh, indent=1))
        if path.exists():  # another process was faster: its keys count
            draft.unlink()
            return load_secrets(state_dir)
        draft.rename(path)
    return Secrets(
        session_key=values["XINZHI_SECRET_KEY"],
        field_keys=tuple(k.strip() for k in values["XINZHI_FIELD_KEYS"].split(",") if k.strip()),
        index_key=values["XINZHI_INDEX_KEY"],
        seal_seed=values["XINZHI_SEAL_SEED"],
    )
