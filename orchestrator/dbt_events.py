"""dbt's events, without those for debugging dbt.

dbt describes each step of each node in a message of its own, also when neither a log nor a listener
takes them, and that costs as much as rendering the models.
"""

from types import SimpleNamespace


def drop_debugging() -> None:
    """Let dbt compose the messages from level info on and no others. Can be called again."""
    from dbt_common.events.base_types import BaseEvent, DebugLevel, EventLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.event_manager_client import ctx_set_event_manager

    def keep_fields(event: DebugLevel, **fields: object) -> None:
        event.pb_msg = SimpleNamespace(**fields)

    class WithoutDebugging(EventManager):
        def fire_event(
            self,
            e: BaseEvent,
            level: EventLevel | None = None,
            node: object = None,
            force_warn_or_error_handling: bool = False,
        ) -> None:
            if (level or e.level_tag()) is EventLevel.DEBUG:
                return
            if isinstance(e, DebugLevel):
                BaseEvent.__init__(e, **vars(e.pb_msg))
            super().fire_event(e, level, node, force_warn_or_error_handling)

    DebugLevel.__init__ = keep_fields
    ctx_set_event_manager(WithoutDebugging())
