"""Handing short messages to a gateway: JSON is posted to the address of an institution.

The address is typed on a page, so it is called through ``outbound``, which asks only public servers by https, or hosts
that the installation names.
"""

import json

from amerce.letters.transports.answers import NotKnown, NotReached, TurnedAway
from amerce.outbound.call import Call, call
from amerce.outbound.call import NotReached as NoAnswer

TIMEOUT_S = 10.0
_LATER = frozenset({408, 425, 429})
_REDIRECT, _ERROR, _BROKEN = 300, 400, 500


class HttpGateway:
    """``POST url {"to", "text", "reference"}`` with ``Authorization: Bearer``; any answer of 2xx means taken."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def send(self, text: str, *, to: str, reference: str) -> None:
        """Hand over one message. ``reference`` is the same however often it is sent.

        Raises ``NotReached``, ``TurnedAway``, ``NotKnown``.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": reference}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = json.dumps({"to": to, "text": text, "reference": reference}).encode()
        request = Call(url=self._url, method="POST", headers=headers, body=body, timeout_s=TIMEOUT_S)
        try:
            status = call(request).status
        except NoAnswer as error:
            words = f"the SMS gateway gave no answer: {error.reason}"
            raise (NotKnown if error.was_asked else NotReached)(words) from error
        if status >= _REDIRECT:
            is_final = _ERROR <= status < _BROKEN and status not in _LATER
            raise TurnedAway(f"HTTP {status}", is_final=is_final)
