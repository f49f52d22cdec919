"""The programs of others that look at what we make; `scripts/setup --test` brings them."""

import shutil


def find_program(name: str) -> str:
    """Return where a program is; fail where it is not, for then nobody but us has looked."""
    path = shutil.which(name)
    assert path is not None, f"{name} is not installed: scripts/setup --test brings it"
    return path
