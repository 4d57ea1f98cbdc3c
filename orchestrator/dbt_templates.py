"""dbt's templates, translated to Python once per process.

dbt translates the text of every model again in each invocation, and that costs more than rendering
it. What a text is translated to depends on nothing but the text: what it renders depends on the
context, which dbt gives to each template anew.
"""

from functools import wraps
from typing import Any


def keep_translations() -> None:
    """Let dbt's Jinja environments share the translations of equal texts. Can be called again."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    translate = MacroFuzzEnvironment.compile
    if hasattr(translate, "__wrapped__"):
        return
    kept: dict[tuple[object, ...], Any] = {}

    @wraps(translate)
    def translate_once(self: MacroFuzzEnvironment, source: Any, *args: Any, **options: Any) -> Any:
        text = (type(self), tuple(self.extensions), source, args, tuple(options.items()))
        if text not in kept:
            kept[text] = translate(self, source, *args, **options)
        return kept[text]

    MacroFuzzEnvironment.compile = translate_once
