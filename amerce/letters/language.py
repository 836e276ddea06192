"""The language of letter templates: Django's, with a few tags and filters, and no way to code, settings or files.

Why not the engine of the pages: a template is typed by people on a page, so nothing that reads files, names URLs,
switches escaping off, or makes more text than it is given may be in it
(``docs/adr/0026-letters-are-made-when-written.md``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_datetime_format
from django.template import Context, Engine, Library, Node, Template, TemplateSyntaxError
from django.template import defaultfilters as filters
from django.template import defaulttags as tags
from django.template.base import FilterExpression, Lexer, NodeList, Parser, Token

from amerce.money.amount import currency
from amerce.money.format import format_amount

SOURCE_LIMIT = 20_000
OUTPUT_LIMIT = 500_000
"""Characters and steps together; a letter that lists all that a patron has stays far below."""
JOINED_LIMIT = 20_000
"""Characters of a list that is joined: a joined text that is joined by itself would grow by its own length."""
TURNS_LIMIT = 5_000
"""How often all loops of a letter may go round together."""
UNKNOWN_BEGIN, UNKNOWN_END = "\ue000", "\ue001"

_TAGS = {"if": tags.do_if, "with": tags.do_with, "firstof": tags.firstof, "comment": tags.comment}
_FILTERS: dict[str, Callable[..., Any]] = {
    "default": filters.default,
    "length": filters.length,
    "upper": filters.upper,
    "lower": filters.lower,
    "capfirst": filters.capfirst,
    "truncatechars": filters.truncatechars,
    "linebreaksbr": filters.linebreaksbr,
    "first": filters.first,
    "last": filters.last,
    "yesno": filters.yesno,
    "pluralize": filters.pluralize,
}
TAG_NAMES = ("if", "for", "with", "firstof", "comment")
FILTER_NAMES = ("money", "day", "moment", "join", *_FILTERS)


class LetterTooLong(Exception):
    """A letter went beyond ``OUTPUT_LIMIT``, ``JOINED_LIMIT`` or ``TURNS_LIMIT``."""


@dataclass(frozen=True)
class Dress:
    """How amounts and dates are written in a letter."""

    currency_code: str
    locale: str
    time_zone: str


@lru_cache(maxsize=512)
def compiled(dress: Dress, source: str, *, is_checking: bool = False) -> Template:
    """``source`` as a template. Raises ``TemplateSyntaxError``, with its ``token``."""
    return _Template(source, engine=_engine(dress, is_checking))


def rendered(template: Template, facts: Mapping[str, Any], *, escapes: bool) -> str:
    """What ``template`` makes of ``facts``, which are frozen (``frozen``). ``escapes`` for HTML.

    Raises ``LetterTooLong`` and whatever a template goes wrong with.
    """
    context = Context(facts, autoescape=escapes, use_l10n=False)
    context.render_context["turns"], context.render_context["left"] = [TURNS_LIMIT], [OUTPUT_LIMIT]
    with context.render_context.push_state(template, isolated_context=False), context.bind_template(template):
        text: str = template.nodelist.render(context)
    return text


def frozen(value: Any) -> Any:
    """``value`` without its ways to change: a template calls what it finds, ``{{ fees.clear }}`` too."""
    if isinstance(value, Mapping):
        return MappingProxyType({name: frozen(each) for name, each in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(each) for each in value)
    return value


class _Engine(Engine):
    default_builtins: list[str] = []

    def __init__(self, library: Library, *, is_checking: bool) -> None:
        self._library = library
        unknown = f"{UNKNOWN_BEGIN}%s{UNKNOWN_END}" if is_checking else ""
        super().__init__(loaders=["django.template.loaders.locmem.Loader"], string_if_invalid=unknown, libraries={})

    def get_template_builtins(self, builtins: Sequence[str]) -> list[Library]:
        return [self._library]


@lru_cache(maxsize=64)
def _engine(dress: Dress, is_checking: bool) -> _Engine:
    library = Library()
    for name, tag in _TAGS.items():
        library.tag(name, tag)
    library.tag("for", _do_for)
    for name, each in _FILTERS.items():
        library.filter(name, each)
    money, zone = currency(dress.currency_code), ZoneInfo(dress.time_zone)
    library.filter("join", _join, is_safe=True, needs_autoescape=True)
    library.filter("money", lambda minor: "" if minor is None else format_amount(minor, money, dress.locale))
    library.filter("day", lambda day: _day(day, zone, dress.locale))
    library.filter("moment", lambda at: _moment(at, zone, dress.locale))
    return _Engine(library, is_checking=is_checking)


@lru_cache(maxsize=4096)
def _day(text: str | None, zone: ZoneInfo, locale: str) -> str:
    if not text:
        return ""
    day = datetime.fromisoformat(text).astimezone(zone) if "T" in text else date.fromisoformat(text)
    return format_date(day, locale=locale)


@lru_cache(maxsize=4096)
def _moment(text: str | None, zone: ZoneInfo, locale: str) -> str:
    if not text:
        return ""
    at = datetime.fromisoformat(text).astimezone(zone)
    parts = str(get_datetime_format("medium", locale=locale))
    when = {"{1}": format_date(at, locale=locale), "{0}": format_time(at, "short", tzinfo=zone, locale=locale)}
    return parts.replace("{1}", when["{1}"]).replace("{0}", when["{0}"]).replace("'", "")


def _join(value: Any, between: Any, autoescape: bool = True) -> Any:
    if isinstance(value, Sequence):
        size = sum(len(str(each)) for each in value) + len(value) * len(str(between))
        if size > JOINED_LIMIT:
            raise LetterTooLong
    return filters.join(value, between, autoescape=autoescape)


class _Template(Template):
    """Counts what it writes while it writes: a text that is only measured when it is whole has filled the memory."""

    def compile_nodelist(self) -> NodeList:
        engine = self.engine
        tokens = Lexer(self.source).tokenize()
        nodes: NodeList = _Parser(tokens, engine.template_libraries, engine.template_builtins, self.origin).parse()
        return nodes


class _Parser(Parser):
    def extend_nodelist(self, nodelist: NodeList, node: Node, token: Token) -> None:
        super().extend_nodelist(nodelist, _Counted(node), token)


class _Counted(Node):
    """A node that takes one step, and the length of what it writes unless nodes within it have counted that."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._writes = not isinstance(node, tags.ForNode | tags.IfNode | tags.WithNode)

    def render(self, context: Context) -> str:
        text = str(self._node.render_annotated(context))
        left: list[int] = context.render_context["left"]
        left[0] -= 1 + (len(text) if self._writes else 0)
        if left[0] < 0:
            raise LetterTooLong
        return text


class _Turn(Node):
    """At the head of every loop's body: counts, so that loops within loops come to an end."""

    def render(self, context: Context) -> str:
        left: list[int] = context.render_context["turns"]
        left[0] -= 1
        if left[0] < 0:
            raise LetterTooLong
        return ""


def _do_for(parser: Parser, token: Token) -> Node:
    loop = tags.do_for(parser, token)
    if not isinstance(loop.sequence, FilterExpression):
        raise TemplateSyntaxError("a loop needs a list")
    turn = _Turn()
    turn.token = token
    loop.nodelist_loop = NodeList([turn, *loop.nodelist_loop])
    return loop
