"""Finding a setting by its words: the label and help of every field, the titles of pages, the names people know.

Why from the forms: a field that is added is found at once, in the language of the page.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from amerce.web.account_roles import GivenRoleForm
from amerce.web.api_keys import ApiKeyForm
from amerce.web.block_rules import BlockRuleForm
from amerce.web.bursar_profile_form import BursarProfileForm
from amerce.web.bursar_sequence_forms import NextNumberForm, SequenceForm
from amerce.web.calendar_forms import ClosureForm, HoursForm
from amerce.web.code_tables import WORDS, CodeForm
from amerce.web.desks import DeskForm
from amerce.web.doors import Door
from amerce.web.fee_types import FeeTypeForm
from amerce.web.fulfillment_settings import SettingsForm
from amerce.web.history_privacy import HistoryForm
from amerce.web.institution_settings import InstitutionForm
from amerce.web.item_policies import ItemPolicyForm
from amerce.web.letter_settings import LetterSettingsForm
from amerce.web.letter_words import LetterWordsForm
from amerce.web.libraries import LibraryForm
from amerce.web.network import MemberForm, NetworkForm
from amerce.web.notification_profile_form import ProfileForm
from amerce.web.policy_forms import PolicyForm
from amerce.web.printers import PrinterForm
from amerce.web.providers import ProviderForm
from amerce.web.role_form import NewRoleForm
from amerce.web.schedule_form import ScheduleForm
from amerce.web.sign_in_rules import SignInRulesForm
from amerce.web.staff_accounts import NewAccountForm
from amerce.web.terms_form import TermsForm
from amerce.web.user_groups import UserGroupForm
from amerce.web.webhooks import SecretForm, WebhookForm

FORMS: dict[str, tuple[type[PolicyForm], ...]] = {
    "terms-of-use": (TermsForm,),
    "item-policies": (ItemPolicyForm,),
    "calendar": (HoursForm, ClosureForm),
    "block-rules": (BlockRuleForm,),
    "fee-types": (FeeTypeForm,),
    "waive-reasons": (CodeForm,),
    "payment-methods": (CodeForm,),
    "notification-profiles": (ProfileForm,),
    "bursar-profiles": (BursarProfileForm,),
    "bursar-sequences": (SequenceForm, NextNumberForm),
    "fulfillment-settings": (SettingsForm,),
    "history-privacy": (HistoryForm,),
    "fulfillment-jobs": (ScheduleForm,),
    "user-groups": (UserGroupForm,),
    "code-tables": (CodeForm,),
    "letter-kinds": (LetterWordsForm,),
    "letter-settings": (LetterSettingsForm,),
    "institution-settings": (InstitutionForm,),
    "libraries": (LibraryForm,),
    "desks": (DeskForm,),
    "printers": (PrinterForm,),
    "roles": (NewRoleForm,),
    "staff-accounts": (NewAccountForm, GivenRoleForm),
    "sign-in-rules": (SignInRulesForm,),
    "single-sign-on": (ProviderForm,),
    "api-keys": (ApiKeyForm,),
    "network": (NetworkForm, MemberForm),
    "webhooks": (WebhookForm, SecretForm),
    "security-events": (),
}
"""Door to the forms behind it; none for a page without."""
ON_THE_PAGE = {"fulfillment-settings", "letter-settings", "history-privacy", "institution-settings"}
"""Doors whose fields are on the page itself; behind the others a row is chosen first."""
WORDS_LIMIT = 10


@dataclass(frozen=True)
class Found:
    """A setting, or a page where ``page`` is empty. ``path`` leads to the field if it is on the page itself."""

    title: str
    text: str
    page: str
    path: str


def search(doors: Iterable[Door], typed: str) -> list[Found]:
    """What has every word of ``typed`` as the beginning of one of its own, in any case and without accents.

    Pages first, then settings with all words in their label, then those with some in their help or their page.
    """
    wanted = _words(typed)[:WORDS_LIMIT]
    if not wanted:
        return []
    ranked: list[tuple[int, Found]] = []
    for door in doors:
        page = Found(str(door.title), str(door.text), "", door.path)
        if _has(wanted, f"{door.title} {door.words}"):
            ranked.append((0, page))
        elif _has(wanted, f"{door.title} {door.text} {door.words}"):
            ranked.append((2, page))
        for found, name in _settings(door):
            if _has(wanted, found.title) or _is_name(typed, name):
                ranked.append((1, found))
            elif _has(wanted, f"{found.title} {found.text} {found.page}"):
                ranked.append((3, found))
    return [found for _rank, found in sorted(ranked, key=lambda each: each[0])]


def _settings(door: Door) -> Iterable[tuple[Found, str]]:
    """Each field behind the door with its name; for code tables also each table."""
    for form in FORMS[door.url_name]:
        for name, field in form.base_fields.items():
            path = f"{door.path}#id_{name}" if door.url_name in ON_THE_PAGE else door.path
            yield Found(str(field.label), str(field.help_text), str(door.title), path), name
    for table in door.tables if door.url_name == "code-tables" else ():
        title, text = WORDS[table]  # type: ignore[index]
        yield Found(str(title), str(text), str(door.title), f"{door.path}{table}/"), table


def _is_name(typed: str, name: str) -> bool:
    """Whether ``typed`` begins the name that files and events have for a setting: ``close_paid_lost_loan``."""
    return "_" in typed and name.startswith(typed.strip().casefold())


def _has(wanted: list[str], text: str) -> bool:
    words = _words(text)
    return all(any(word.startswith(each) for word in words) for each in wanted)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    return re.findall(r"[^\W_]+", bare)
