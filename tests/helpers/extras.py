"""Skip the tests of a folder whose optional dependencies are not installed."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

INSTALL = "pip install -e '.[dev-integrations]'"


def skip_without(*modules: str) -> Callable[[Path, pytest.Collector], pytest.Module | None]:
    """A ``pytest_pycollect_makemodule`` hook for a conftest: skip the folder's tests unless all are installed.

    The modules are skipped without being imported, so they may import at the top whatever they need. The conftest
    itself is always loaded, so it must import optional packages inside its fixtures.
    """
    missing = [module for module in modules if find_spec(module) is None]
    reason = f"{', '.join(missing)} not installed: {INSTALL}"

    class SkippedModule(pytest.Module):
        def collect(self):
            pytest.skip(reason, allow_module_level=True)

    def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
        return SkippedModule.from_parent(parent, path=module_path) if missing else None

    return pytest_pycollect_makemodule
