"""Example requests of the calls that are no GET, for the OpenAPI documents: the tests send each of them.

Why beside each call and not in schemas: the dialect says in its query what to do, and an example shows a whole request.
"""

from typing import Any

KEY = "Idempotency-Key"
_VALUES = "x-example"
_JSON = "application/json"
_KEY_LIMIT = 100
FEE, TRANSFER, WAIVER, EXPORT = "4711", "90210", "8", "3"
"""Ids as they stand in the examples."""


def example(
    body: Any = None, *, schema: dict[str, Any] | None = None, key: str = "", needs_key: bool = False, **values: str
) -> dict[str, Any]:
    """What ``openapi_extra`` of a call takes: ``values`` of its path and its query, and its ``body``.

    ``schema`` is that of a body which ninja does not read itself, and ``key`` an example of an idempotency key where
    the call takes one.
    """
    made: dict[str, Any] = {_VALUES: values}
    if body is not None:
        made["requestBody"] = {"content": {_JSON: {"example": body}}}
    if schema is not None:
        made["requestBody"]["required"] = True
        made["requestBody"]["content"][_JSON]["schema"] = schema
    if key:
        kept = {"type": "string", "maxLength": _KEY_LIMIT, "pattern": r"^[!-~]+$"}
        made["parameters"] = [{"in": "header", "name": KEY, "required": needs_key, "schema": kept, "example": key}]
    return made


def tell_example(operation: dict[str, Any]) -> None:
    """Put what ``example`` said where OpenAPI has it: at each parameter of ``operation``."""
    values = dict(operation.pop(_VALUES, {}))
    for parameter in operation.get("parameters", []):
        if parameter["name"] in values:
            parameter["example"] = values.pop(parameter["name"])
    assert not values, f"{operation['operationId']} takes no {', '.join(values)}"
