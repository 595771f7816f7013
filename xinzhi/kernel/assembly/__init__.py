"""How packages become a house: manifests, permissions, navigation, the switch per region."""

from xinzhi.kernel.assembly.declaration import Audience, MenuItem, Permission, SceneManifest

__all__ = ["Audience", "MenuItem", "Permission", "SceneManifest"]
