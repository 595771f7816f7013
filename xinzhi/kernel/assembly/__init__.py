"""How packages become a house: manifests, permissions, navigation, the switch per region."""

from xinzhi.kernel.assembly.declaration import MenuItem, Permission, SceneManifest

__all__ = ["MenuItem", "Permission", "SceneManifest"]
