import pytest

from amerce.charges.errors import NothingChosen
from amerce.charges.request import COMMENT_LIMIT, FORM_KEY_LIMIT, Key, Request, chosen
from amerce.charges.states import Verb
from amerce.inputs.errors import TextTooLong


def test_the_key_of_a_form_stands_for_the_verb_and_all_its_inputs() -> None:
    external = Key("external:all", "T-1", {"amount": 100})

    keys = Request(verb=Verb.PAY, inputs={"amount": 100}, form_key="k", external_key=external).keys

    assert keys == [Key("form", "k", {"verb": Verb.PAY, "amount": 100}), external]


def test_an_empty_key_is_none() -> None:
    assert Request(verb=Verb.PAY, inputs={"amount": 100}).keys == []


def test_a_text_longer_than_its_column_is_refused_before_anything_is_locked() -> None:
    Request(verb=Verb.PAY, inputs={"comment": "x" * COMMENT_LIMIT}, form_key="k" * FORM_KEY_LIMIT)

    with pytest.raises(TextTooLong) as refusal:
        Request(verb=Verb.PAY, inputs={"comment": "x" * (COMMENT_LIMIT + 1)})
    assert (refusal.value.field, refusal.value.limit) == ("comment", COMMENT_LIMIT)

    with pytest.raises(TextTooLong) as refusal:
        Request(verb=Verb.PAY, inputs={}, form_key="k" * (FORM_KEY_LIMIT + 1))
    assert (refusal.value.field, refusal.value.limit) == ("form_key", FORM_KEY_LIMIT)


def test_ids_are_taken_once_and_in_order() -> None:
    assert chosen([3, 1, 3, 2]) == [1, 2, 3]
    with pytest.raises(NothingChosen):
        chosen([])
