"""The language of letters: what it says, and what is not in it."""

import pytest
from django.template import TemplateSyntaxError

from amerce.letters.language import OUTPUT_LIMIT, Dress, LetterTooLong, compiled, frozen, rendered

DRESS = Dress("USD", "en_US", "America/New_York")


def say(source: str, *, escapes: bool = False, dress: Dress = DRESS, **facts: object) -> str:
    return rendered(compiled(dress, source), frozen(facts), escapes=escapes)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ a|money }}", "$12.50"),
        ("{{ none|money }}", ""),
        ("{{ at|day }}", "Mar 1, 2026"),
        ("{{ day|day }}", "Mar 2, 2026"),
        ("{{ at|moment }}", "Mar 1, 2026, 10:30\u202fPM"),
        ("{% for each in list %}{{ forloop.counter }}{{ each }} {% endfor %}", "1x 2y "),
        ("{% if a == 1250 %}yes{% else %}no{% endif %}", "yes"),
        ("{{ list|join:', ' }} {{ list|length }}", "x, y 2"),
        ("{{ missing }}{{ list.5 }}", ""),
    ],
)
def test_it_dresses_amounts_and_dates(source: str, said: str) -> None:
    facts = {"a": 1250, "none": None, "at": "2026-03-02T03:30:00+00:00", "day": "2026-03-02", "list": ["x", "y"]}
    assert say(source, **facts) == said


def test_an_amount_is_written_as_the_language_does() -> None:
    assert say("{{ a|money }}", dress=Dress("EUR", "fr_FR", "UTC"), a=1250) == "12,50\xa0€"


@pytest.mark.parametrize(
    "source",
    [
        "{% load i18n %}", "{% include 'web/base.html' %}", "{% extends 'web/base.html' %}", "{% debug %}",
        "{% url 'home' %}", "{% csrf_token %}", "{% lorem 99999 %}", "{% autoescape off %}{% endautoescape %}",
        "{% now 'Y' %}", "{{ a|safe }}", "{{ a|stringformat:'9999999d' }}", "{{ a|ljust:99999999 }}", "{{ a|pprint }}",
        "{{ a.__class__ }}", "{{ a._secret }}", "{% for x in %}{% endfor %}", "{% if %}", "{{ a",
        "{% for x in list %}", "{% static 'x' %}", "{{ a|urlize }}",
    ],
)  # fmt: skip
def test_there_is_no_way_out_of_it(source: str) -> None:
    if source == "{{ a":
        assert say(source, a="b") == "{{ a"
        return
    with pytest.raises(TemplateSyntaxError):
        compiled(DRESS, source)


@pytest.mark.parametrize(
    "source", ["{{ d.clear }}", "{{ d.pop }}", "{{ d.update }}", "{{ l.clear }}", "{{ l.append }}"]
)
def test_facts_are_not_changed_by_it(source: str) -> None:
    facts = {"d": {"x": 1}, "l": [1]}

    assert say(source, **facts) == ""
    assert facts == {"d": {"x": 1}, "l": [1]}


def test_loops_within_loops_come_to_an_end() -> None:
    source = "{% for a in l %}{% for b in l %}{% for c in l %}{% endfor %}{% endfor %}{% endfor %}"
    with pytest.raises(LetterTooLong):
        say(source, l=list(range(400)))


def test_a_letter_has_an_end() -> None:
    with pytest.raises(LetterTooLong):
        say("{% for a in l %}" + "x" * 1001 + "{% endfor %}", l=list(range(OUTPUT_LIMIT // 1000)))


@pytest.mark.parametrize("escapes", [False, True])
def test_a_text_is_not_joined_by_itself_until_the_memory_is_full(escapes: bool) -> None:
    source = "{% with b=a|join:a %}{% with c=b|join:b %}{% with d=c|join:c %}{{ d|length }}" + "{% endwith %}" * 3
    with pytest.raises(LetterTooLong):
        say(source, escapes=escapes, a="abcdefghij" * 10)


def test_what_loops_write_is_counted_while_they_write() -> None:
    seen: list[int] = []

    class Watched(str):
        def __str__(self) -> str:
            seen.append(1)
            return "x" * 10_000

    with pytest.raises(LetterTooLong):
        say("{% for a in l %}{{ b }}{% endfor %}", b=Watched("x"), l=list(range(4000)))
    assert len(seen) == 50


def test_loops_that_write_nothing_come_to_an_end_too() -> None:
    with pytest.raises(LetterTooLong):
        say("{% for a in l %}" + "{{ b }}" * 200 + "{% endfor %}", l=list(range(4000)))


def test_a_name_is_escaped() -> None:
    assert say("{{ a }} {{ b|linebreaksbr }}", escapes=True, a="<b>", b="<i>\n&") == "&lt;b&gt; &lt;i&gt;<br>&amp;"
