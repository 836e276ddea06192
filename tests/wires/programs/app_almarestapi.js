// What a web application does with almarestapi-lib. It is told where by its own option, and prints what it got.
const alma = require("almarestapi-lib");

const refusal = async (asked) => {
  try {
    await asked;
    return null;
  } catch (error) {
    return error.message;
  }
};

async function main() {
  alma.setOptions(process.env.ALMA_KEY, process.env.ALMA_URL);
  const charge = { type: { value: "OTHER" }, original_amount: 10.1, owner: { value: "MAIN" }, comment: "App" };
  const charged = await alma.postp("/users/jdoe/fees", charge);
  const link = charged.link; // a whole address is called as it stands
  const waived = await alma.postp(`${link}?op=waive&amount=0.1&reason=OTHER`, null);
  const left = waived.balance - 9.9;
  const paid = await alma.postp(`${link}?op=pay&amount=9.9&method=CREDIT_CARD&external_transaction_id=A-1`, null);
  const again = await alma.postp(`${link}?op=pay&amount=9.9&method=CREDIT_CARD&external_transaction_id=A-1`, null);
  const float = await alma.postp(`${link}?op=pay&amount=${left}&method=CASH`, null);
  const listed = await alma.getp("/users/jdoe/fees?status=CLOSED");
  const xml = await alma.getXmlp(`/users/jdoe/fees/${charged.id}`);
  const user = await alma.getp("/users/jdoe");
  user.middle_name = "Max";
  const changed = await alma.putp("/users/jdoe", user);
  const made = await alma.postXmlp(
    "/users",
    "<user><primary_id>app1</primary_id><last_name>App</last_name><user_group>22</user_group>" +
      "<account_type>INTERNAL</account_type></user>"
  );
  await alma.deletep("/users/app1");
  console.log(
    JSON.stringify({
      charged: [charged.balance, charged.comment],
      waived: [waived.balance, left],
      paid: [paid.balance, again.balance, again.transaction.length, float.status.value],
      listed: [listed.total_record_count, listed.fee[0].status.value],
      xml: xml.match(/<balance>([^<]*)<\/balance>/)[1],
      changed: [changed.middle_name, changed.primary_id],
      made: made.match(/<primary_id>([^<]*)<\/primary_id>/)[1],
      refused: [
        await refusal(alma.getp("/users/app1")),
        await refusal(alma.getXmlp("/users/app1")),
        await refusal(alma.postp(`${link}?op=pay&amount=1&method=CASH`, null)),
      ],
    })
  );
}

main();
