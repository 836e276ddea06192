"""An object of the dialect as the answer to a call, in the form that was asked for."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

from amerce.api.alma.errors import DECLARATION, JSON, XML
from amerce.api.call import Call, wants_json
from amerce.api.json_form import to_json
from amerce.api.xml_form import to_xml

REPLAYED = "Amerce-Replayed"


def answer(call: Call, tag: str, tree: Any, *, is_replay: bool = False) -> HttpResponse:
    """``tree`` as 200; ``tag`` is what it is called in XML."""
    if wants_json(call.request):
        response = HttpResponse(to_json(tree), content_type=JSON)
    else:
        response = HttpResponse(DECLARATION + to_xml(tag, tree), content_type=XML)
    if is_replay:
        response[REPLAYED] = "true"
    return response


def long_answer(call: Call, tag: str, one: str, items: Iterator[Any], totals: dict[str, Any]) -> StreamingHttpResponse:
    """A list sent while it is read, so that it takes no memory. ``totals`` are what stands beside it."""
    if wants_json(call.request):
        head = to_json(totals)
        first = head[:-1] + (", " if totals else "") + f'"{one}": ['
        return StreamingHttpResponse(_pieces(map(to_json, items), first, ", ", "]}"), content_type=JSON)
    head = to_xml(tag, totals).decode().removesuffix("/>")
    texts = (to_xml(one, each).decode() for each in items)
    return StreamingHttpResponse(_pieces(texts, DECLARATION.decode() + head + ">", "", f"</{tag}>"), content_type=XML)


def _pieces(items: Iterator[str], first: str, between: str, last: str) -> Iterator[str]:
    """Texts one after the other with what stands before, between and after them: a list that is never whole."""
    yield first
    for number, each in enumerate(items):
        yield between + each if number else each
    yield last
