"""What a block is called, on the record and where it forbids something (row C7)."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.circulation.blocks import (
    Action,
    Awaited,
    Block,
    Expired,
    Inactive,
    Manual,
    OwesTooLong,
    OwesTooMuch,
    PatronBlocked,
)
from amerce.institutions.models import Institution
from amerce.money.format import format_amount
from amerce.web.templatetags.amerce import day

_ACTIONS = {
    Action.CHECKOUT: gettext_lazy("checkout"),
    Action.RENEWAL: gettext_lazy("renewal"),
    Action.REQUEST: gettext_lazy("request"),
}


@dataclass(frozen=True)
class BlockLine:
    """A block in the header of a record. ``is_manual`` ones have words of their own and a line to themselves."""

    sentence: str
    is_manual: bool


def block_lines(forbidden: Mapping[Action, tuple[Block, ...]], institution: Institution) -> list[BlockLine]:
    """Each block once, and what it forbids unless that is everything.

    An expired or inactive record is left out: the header says so already.
    """
    found = dict.fromkeys(block for blocks in forbidden.values() for block in blocks)
    return [
        BlockLine(
            _sentence(block, [each for each in Action if block in forbidden[each]], institution),
            isinstance(block, Manual),
        )
        for block in found
        if not isinstance(block, Expired | Inactive)
    ]


def blocked_sentence(error: PatronBlocked, institution: Institution) -> str:
    """Why nothing was done, and how it can be done all the same."""
    words = [words_of(each, institution).rstrip(".") for each in error.blocks]
    reasons = format_list(words, locale=institution.locale)
    if any(isinstance(each, Awaited) for each in error.blocks):
        return _("Not lent: %(reasons)s. Overriding this takes the privilege and a reason.") % {"reasons": reasons}
    return _("This patron is blocked: %(reasons)s. Overriding it takes the privilege and a reason.") % {
        "reasons": reasons
    }


def words_of(block: Block, institution: Institution) -> str:
    """The reason in a few words, such as can follow “blocked:”."""
    match block:
        case OwesTooMuch():
            limit = format_amount(block.limit_minor, institution.currency, institution.locale)
            return _("owes %(amount)s or more") % {"amount": limit}
        case OwesTooLong():
            return _("owes since %(day)s, that is %(days)s days or more") % {
                "day": day(block.since, institution),
                "days": block.days,
            }
        case Manual():
            return block.text
        case Expired():
            return _("expired %(day)s") % {"day": day(block.on, institution)}
        case Inactive():
            return _("inactive")
        case Awaited():
            return _("%(name)s waits for this item") % {"name": block.name or _("another patron")}


def _sentence(block: Block, actions: list[Action], institution: Institution) -> str:
    why = words_of(block, institution)
    if len(actions) == len(Action):
        return why if isinstance(block, Manual) else _("blocked: %(why)s") % {"why": why}
    named = format_list([str(_ACTIONS[each]) for each in actions], style="or", locale=institution.locale)
    if isinstance(block, Manual):
        return _("%(why)s (no %(actions)s)") % {"why": why, "actions": named}
    return _("no %(actions)s: %(why)s") % {"why": why, "actions": named}
