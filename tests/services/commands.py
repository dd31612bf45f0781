"""What every command does that refuses: one sentence, its exit code, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


def require_refusal(
    run: Callable[[Path], int], to: Path, capsys: pytest.CaptureFixture[str], code: int, said: str
) -> None:
    """Fails unless `run(to)` ends with `code`, says `said` in one line and leaves nothing at `to`."""
    assert run(to) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not to.exists()
