"""Replace the default texts of release 0.1 that nobody edited."""

import json
import re
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# The old and the new text, by table and column; the ids that release 0.1 put in parentheses at the
# end of some texts are left out.
TEXTS = {
    ("handoff_routingrule", "rationale"): {
        "They have no say in a purchase; marketing stays in touch.": "They have no purchasing authority, so marketing stays in touch.",
        "Whoever owns the account knows it, so new interest from it goes to them.": "The account owner knows the company, so its new leads go to them.",
        "They want to talk now: straight to a person, under the urgent policy.": "They want to talk now, so they go to a rep under the urgent SLA policy.",
        "They asked for advice: straight to a person.": "They asked for advice, so they go directly to a rep.",
        "Broad content says little; wait for a second action.": "One download shows little intent. Wait for a second touch.",
        "A staffed queue with a qualification step, so no lead is ever without a place.": "Every other lead goes to a staffed queue, where a rep qualifies it.",
    },
    ("handoff_ruleset", "note"): {
        "The rules of a new installation: by lead type, the rest to the qualification queue.": "Initial rules: by lead type, all other leads to the qualification queue.",
    },
    ("handoff_rejectionreason", "label"): {
        "Not our customer profile": "Outside our customer profile",
        "No budget or project cancelled": "No budget or project canceled",
    },
    ("handoff_rejectionreason", "help"): {
        "Industry, size, region or role lies outside the profile.": "Industry, size, region or role does not match the profile.",
        "They want it and cannot pay for it in this budget cycle.": "They want it but cannot pay for it in this budget cycle.",
        "The company fits, but this person has no say in the purchase.": "The company fits, but this contact has no say in the purchase.",
        "Need and budget are there, but not before six months from now.": "Need and budget exist, but not within the next six months.",
        "Somebody is already working with them.": "A rep is already working with them.",
        "The agreed attempts are logged and none was answered.": "All required attempts are logged and got no response.",
        "Name, address or number is wrong, so nobody can be reached.": "Name, email address or phone number is wrong, so the contact cannot be reached.",
    },
}

# New wording does not change the rules of a published version, so the triggers that protect it are
# off for these updates. They read this setting, which needs no lock and no right on the table.
GUARDS_OFF = """
    SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true)
    FROM pg_trigger WHERE tgname LIKE 'pgtrigger_published_%'
"""
IDS = r" \([A-Z]+-[0-9]+(, [A-Z]+-[0-9]+)*\)"
GUARDS_ON = "SELECT set_config('pgtrigger.ignore', '{}', true)"


def replace(schema_editor: BaseDatabaseSchemaEditor, *, is_forward: bool) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(GUARDS_OFF)
        for (table, column), texts in TEXTS.items():
            for old, new in texts.items():
                was, becomes = (old, new) if is_forward else (new, old)
                cursor.execute(
                    f"UPDATE {table} SET {column} = %s "
                    f"WHERE regexp_replace({column}, %s, '') = %s",
                    [becomes, IDS, was],
                )
        replace_compiled(cursor, is_forward=is_forward)
        cursor.execute(GUARDS_ON)


def replace_compiled(cursor: Any, *, is_forward: bool) -> None:
    """Change the rationales in the compiled rules as well, so that they equal those of the rows."""
    texts = TEXTS["handoff_routingrule", "rationale"]
    if not is_forward:
        texts = {new: old for old, new in texts.items()}
    cursor.execute("SELECT id, compiled::text FROM handoff_ruleset WHERE compiled IS NOT NULL")
    for pk, text in cursor.fetchall():
        compiled = json.loads(text)
        rules = [
            {
                **rule,
                "rationale": texts.get(re.sub(IDS, "", rule["rationale"]), rule["rationale"]),
            }
            for rule in compiled["rules"]
        ]
        if rules != compiled["rules"]:
            cursor.execute(
                "UPDATE handoff_ruleset SET compiled = %s::jsonb WHERE id = %s",
                [json.dumps({**compiled, "rules": rules}), pk],
            )


def to_new(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    replace(schema_editor, is_forward=True)


def to_old(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    replace(schema_editor, is_forward=False)


class Migration(migrations.Migration):
    dependencies = [("handoff", "0009_handoff_reason")]

    operations = [migrations.RunPython(to_new, to_old)]
