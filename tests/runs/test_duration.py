"""Durations are read as people write them, and a budget runs out."""

import pytest

from tooling.errors import UsageError
from tooling.runs import duration as module
from tooling.runs.duration import Budget, duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("25m", 1500), ("1h30m", 5400), ("2h", 7200), ("1h0m5s", 3605), ("100m", 6000)]
)
def test_a_duration_is_hours_minutes_and_seconds(text: str, seconds: int) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "25", "m", "0m", "-5m", "1.5h", "30m1h", "5 m", "5min", "\u0665m", "1h30", "1m\n"]
)
def test_what_is_no_duration_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match="is no duration; write hours, minutes, seconds: `25m`, `90s`, `1h30m`"):
        duration(text)


def test_a_budget_runs_out_and_one_without_a_limit_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [50.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    limited, endless = Budget(60), Budget(None)
    now[0] += 59
    assert limited.left == 1
    now[0] += 2
    assert limited.left == -1
    assert endless.left == float("inf")
