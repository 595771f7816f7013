from tests.scope import conftest as scope

shared_world, world = scope.shared_world, scope.world
