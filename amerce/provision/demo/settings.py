"""What the administrator of the sample set up before its story begins: bursar ids, printers, a role of its own.

Why no chances here: what is added changes nothing of the loans and fees that are drawn after it.
"""

from amerce.access.actors import actor_for
from amerce.access.privileges import Privilege
from amerce.access.save_role import RoleSaid, add_role
from amerce.institutions.bursar_sequences import SequenceFacts
from amerce.institutions.code_tables import add_code, save_code
from amerce.institutions.models import CodeEntry
from amerce.institutions.save_bursar_sequence import save_bursar_sequence
from amerce.institutions.save_printer import PrinterFacts, save_printer
from amerce.letters.save_settings import LetterSettingsFacts, save_letter_settings
from amerce.provision.demo.places import ASSISTANT, DAYS, Campus

_ASSISTANT_PRIVILEGES = {
    Privilege.PATRON_VIEW: None,
    Privilege.LOAN_CHECKOUT: None,
    Privilege.LOAN_RETURN: None,
    Privilege.LOAN_RENEW: None,
    Privilege.FEE_PAY: None,
    Privilege.FEE_WAIVE: 20_00,
}
_OUT_OF_USE = ("AMNESTY", "Amnesty week")


def make_settings(campus: Campus) -> None:
    """Number what goes to the bursar, name two printers, let students waive a little, end a reason for waiving."""
    actor, at = actor_for(campus.accounts["sysadmin"], None), campus.moment(-DAYS - 1, 9)
    save_bursar_sequence(
        actor=actor, at=at, facts=SequenceFacts(name="Bursar transactions", prefix="LU", padding=8, start=1001)
    )
    main = campus.libraries["M"].pk
    for printer in (
        PrinterFacts(code="MAIN-CIRC", name="Ellery circulation printer", library_id=main, queue="circ-main"),
        PrinterFacts(code="MAILROOM", name="University mail room", email="mailroom@larkspur.example"),
    ):
        save_printer(actor=actor, at=at, facts=printer)
    facts = LetterSettingsFacts(
        sender_name="Larkspur University Library",
        sender_email="library@larkspur.example",
        reply_to="circulation@larkspur.example",
        staff_email="bursar-desk@larkspur.example",
        phone="+1 312 555 0100",
        address="1 Quadrangle\nLarkspur, IL 60600",
    )
    save_letter_settings(actor=actor, at=at, facts=facts)
    said = RoleSaid(label="Student assistant", privileges=_ASSISTANT_PRIVILEGES)
    add_role(actor=actor, at=at, code=ASSISTANT, said=said)
    code, label = _OUT_OF_USE
    table = CodeEntry.Table.WAIVE_REASON
    added = add_code(actor=actor, at=at, table=table, code=code, label=label)
    save_code(actor=actor, at=at, table=table, entry_id=added.row_id, label=label, is_active=False)
