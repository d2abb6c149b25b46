"""Which interventions an arm received gets a history.

What nobody wrote down before cannot be known: every past state of an arm that still exists gets the
interventions that the arm has today. See docs/decisions/0014-as-of-a-date.md.
"""

import django.db.models.deletion
import simple_history.models
from django.db import migrations, models

FILL = """
INSERT INTO "evidence_historicalarm_interventions" ("id", "arm_id", "intervention_id", "history_id")
SELECT given."id", given."arm_id", given."intervention_id", history."history_id"
FROM "evidence_arm_interventions" AS given
JOIN "evidence_historicalarm" AS history ON history."id" = given."arm_id"
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0006_rights_to_triage")]

    operations = [
        migrations.CreateModel(
            name="HistoricalArm_interventions",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("m2m_history_id", models.AutoField(primary_key=True, serialize=False)),
                (
                    "arm",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="evidence.arm",
                    ),
                ),
                (
                    "history",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="evidence.historicalarm",
                    ),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="evidence.intervention",
                    ),
                ),
            ],
            options={"verbose_name": "HistoricalArm_interventions"},
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
