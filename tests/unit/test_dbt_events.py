"""What dbt tells of a run is heard; what it tells for debugging costs nothing."""

from collections.abc import Iterator

import pytest
from dbt.adapters.events.types import SQLQuery
from dbt_common.events import event_manager_client
from dbt_common.events.base_types import BaseEvent, DebugLevel, EventLevel, EventMsg
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Formatting, Note

from orchestrator.dbt_events import drop_debugging


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the events that reach a listener."""
    before = event_manager_client.get_event_manager()
    # What composes messages for debugging is replaced, and comes back with the manager before.
    monkeypatch.setattr(DebugLevel, "__init__", BaseEvent.__init__)
    drop_debugging()
    names: list[str] = []

    def listener(message: EventMsg) -> None:
        names.append(f"{message.info.name} {message.info.level}")

    event_manager_client.add_callback_to_manager(listener)
    yield names
    event_manager_client.ctx_set_event_manager(before)


def test_events_from_info_on_are_heard(heard: list[str]) -> None:
    fire_event(Formatting(msg="built"))
    fire_event(Note(msg="careful"), level=EventLevel.WARN)
    fire_event(Note(msg="broken"), level=EventLevel.ERROR)
    assert heard == ["Formatting info", "Note warn", "Note error"]


def test_events_for_debugging_are_dropped_by_their_own_level_and_by_a_given_one(
    heard: list[str],
) -> None:
    fire_event(SQLQuery(conn_name="model", sql="SELECT 1", node_info={}))
    fire_event(Formatting(msg="built"), level=EventLevel.DEBUG)
    assert heard == []


def test_an_event_for_debugging_is_not_composed(heard: list[str]) -> None:
    """Composing would refuse the object."""
    fire_event(SQLQuery(conn_name="model", sql=object(), node_info={}))
    assert heard == []


def test_an_event_for_debugging_is_heard_whole_when_it_is_given_a_higher_level(
    heard: list[str],
) -> None:
    event = SQLQuery(conn_name="model", sql="SELECT 1", node_info={})
    event.sql = "SELECT 2"
    fire_event(event, level=EventLevel.WARN)
    assert heard == ["SQLQuery warn"]
    assert "SELECT 2" in event.message()
