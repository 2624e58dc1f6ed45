"""Share among the members what former members left of the round robin balance of their team."""

from django.db import migrations

SHARE = """
UPDATE people_membership AS member
SET balance = member.balance - team.excess / team.size
    - CASE WHEN member.id = team.first_id THEN team.excess % team.size ELSE 0 END
FROM (
    SELECT team_id, sum(balance)::bigint AS excess, count(*) AS size, min(id) AS first_id
    FROM people_membership GROUP BY team_id HAVING sum(balance) <> 0
) AS team
WHERE member.team_id = team.team_id
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0010_balances_of_former_members")]

    operations = [migrations.RunSQL(SHARE, migrations.RunSQL.noop)]
