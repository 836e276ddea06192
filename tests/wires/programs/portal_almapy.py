"""What a portal does with almapy. It is told where by the session that almapy takes, and prints what it got."""

import asyncio
import json
import os
from typing import Any

import niquests
from almapy import AlmaClient
from almapy.exceptions import APIClientError, UserNotFoundError

NEW_USER = {
    "record_type": {"value": "PUBLIC"},
    "primary_id": "mmüller",
    "first_name": "Märta",
    "last_name": "Müller",
    "user_group": {"value": "22"},
    "account_type": {"value": "INTERNAL"},
    "status": {"value": "ACTIVE"},
    "contact_info": {"email": [{"email_address": "m@example.org", "preferred": True, "email_type": []}]},
}


async def visit(alma: AlmaClient) -> dict[str, Any]:
    fines = alma.users.fines
    charged = await fines.create_fee(
        "jdoe",
        {
            "type": {"value": "OTHER"},
            "original_amount": 25.10,
            "owner": {"value": "MAIN"},
            "comment": "Für den Schlüssel",
        },
    )
    fee = charged.id
    disputed = await fines.update_fee("jdoe", fee, op="dispute", amount=25.10)
    in_dispute = await fines.get_fines("jdoe", status="INDISPUTE")
    await fines.update_fee("jdoe", fee, op="restore", amount=25.10)
    waived = await fines.update_fee("jdoe", fee, op="waive", amount=0.1, reason="OTHER", comment="Too much")
    again = [
        await fines.update_fee("jdoe", fee, op="pay", amount=5.0, method="ONLINE", external_transaction_id="txn-1")
        for _time in range(2)
    ]
    left = await fines.pay_fees("jdoe", amount=15.0, method="CREDIT_CARD", external_transaction_id="txn-2")
    read = await fines.get_fee("jdoe", fee)
    return {
        "charged": [charged.balance, charged.comment, charged.owner.value],
        "disputed": [disputed.status.value, in_dispute.total_sum],
        "waived": [waived.balance, waived.transaction[0].reason.value],
        "paid": [each.balance for each in again],
        "left": [left.total_record_count, left.total_sum, left.fee[0].balance],
        "read": [each.type.value for each in read.transaction],
    }


async def desk(alma: AlmaClient) -> dict[str, Any]:
    made = await alma.users.create_user(NEW_USER)
    made.first_name = "Marta"
    changed = await alma.users.update_user(made.primary_id, made)
    found = await alma.users.get_users(q="last_name~müller")
    loans = await alma.users.loans.get_loans("mmüller")
    libraries = await alma.config.libraries.get_libraries()
    desks = await alma.config.libraries.get_circ_desks("MAIN")
    table = await alma.config.code_tables.get_code_table("FineFeeTransactionReason")
    return {
        "made": [made.primary_id, made.contact_info.email[0].email_address],
        "changed": changed.first_name,
        "found": [each.primary_id for each in found.user],
        "loans": loans.total_record_count,
        "places": [libraries.library[0].code, desks.circ_desk[0].code],
        "has_reason": "OTHER" in [each.code for each in table.row],
    }


async def refusals(alma: AlmaClient) -> dict[str, Any]:
    told = {}
    try:
        await alma.users.get_user("nobody")
    except UserNotFoundError as error:
        told["nobody"] = [type(error).__name__, error.code]
    for name, amount in (("too much", 10_000.0), ("three places", 0.005)):
        try:
            await alma.users.fines.pay_fees("jdoe", amount=amount, method="CASH")
        except APIClientError as error:
            told[name] = [type(error).__name__, error.code]
    return told


async def main() -> None:
    async with niquests.AsyncSession(base_url=os.environ["ALMA_URL"]) as session:
        alma = AlmaClient(os.environ["ALMA_KEY"], client=session)
        print(json.dumps({**await visit(alma), **await desk(alma), **await refusals(alma)}))


asyncio.run(main())
