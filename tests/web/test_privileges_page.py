"""``docs/reference/privileges.md`` says what the code does: who holds what, and which pages it opens.

After a change write it anew: ``.venv/bin/python -m tests.web.test_privileges_page``.
"""

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/reference/privileges.md"


def table() -> str:
    """The table of the page, a line for each privilege in the groups of the role editor."""
    from django.urls import get_resolver
    from django.utils.translation import override

    from amerce.access.privileges import ROLES, WITH_CEILING
    from amerce.web.privilege_wording import GROUPS, WORDS
    from tests.web.test_who_may_open import PAGES, privileges_of

    paths = {name: "/" + get_resolver().reverse_dict.getlist(name)[0][0][0][0] for name in PAGES}
    lines = ["| privilege | allows | up to an amount | roles that come with it | pages |", "|---|---|---|---|---|"]
    with override("en"):
        for group in GROUPS:
            for each in group.privileges:
                roles = ", ".join(str(role.label) for role in ROLES.values() if each in role.privileges) or "–"
                opens = sorted(paths[name] for name, page in PAGES.items() if each in privileges_of(page))
                pages = " ".join(f"`{path.replace('%(', '<').replace(')s', '>')}`" for path in opens) or "–"
                limit = "yes" if each in WITH_CEILING else "–"
                lines.append(f"| `{each.value}` | {WORDS[each].sentence} | {limit} | {roles} | {pages} |")
    return "\n".join(lines) + "\n"


def test_the_page_is_what_the_code_says() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page[page.index("| privilege |") :] == table()


if __name__ == "__main__":
    import django

    django.setup()
    kept = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(kept[: kept.index("| privilege |")] + table(), encoding="utf-8")
