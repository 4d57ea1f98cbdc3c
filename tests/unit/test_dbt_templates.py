"""Templates that share a translation render as if each had its own."""

from collections.abc import Iterator

import jinja2.environment
import pytest
from dbt_common.clients.jinja import MacroFuzzEnvironment, get_environment, get_template

from orchestrator.dbt_templates import keep_translations


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts that Jinja translates while translations are kept."""
    texts: list[str] = []
    translate = jinja2.environment.Environment.compile

    def noted(self: jinja2.Environment, source: str, *args: object, **options: object) -> object:
        texts.append(source)
        return translate(self, source, *args, **options)

    monkeypatch.setattr(MacroFuzzEnvironment, "compile", noted)
    keep_translations()
    return texts


def test_equal_texts_are_translated_once_and_render_by_their_own_context(
    translated: list[str],
) -> None:
    text = "{% do seen.append(year) %}SELECT {{ year + 1 }}"
    seen: list[int] = []
    rendered = [
        get_template(text, context).render(context)
        for context in ({"year": 2025, "seen": seen}, {"year": 2026, "seen": seen})
    ]
    assert (rendered, seen) == (["SELECT 2026", "SELECT 2027"], [2025, 2026])
    assert translated == [text]


def test_other_texts_and_kinds_of_environment_keep_their_own(translated: list[str]) -> None:
    text = "{{ year }}"
    context = {"year": 2025}
    assert get_template(text, context).render(context) == "2025"
    assert get_template(text + " ", context).render(context) == "2025 "
    native = get_environment(native=True).from_string(text)
    assert native.render(context) == 2025


def test_keeping_twice_is_keeping_once(translated: list[str]) -> None:
    keeping = MacroFuzzEnvironment.compile
    keep_translations()
    assert MacroFuzzEnvironment.compile is keeping
