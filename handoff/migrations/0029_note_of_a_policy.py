
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('handoff', '0028_origin_of_a_rule'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='slapolicy',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='slapolicy',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='slapolicy',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='slapolicy',
            name='published_policies_are_fixed',
        ),
        migrations.AddField(
            model_name='slapolicy',
            name='note',
            field=models.TextField(blank=True, help_text='Summary of the changes and their reason.'),
        ),
        migrations.AddField(
            model_name='slapolicyevent',
            name='note',
            field=models.TextField(blank=True, help_text='Summary of the changes and their reason.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='slapolicy',
            trigger=pgtrigger.compiler.Trigger(name='published_policies_are_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF OLD.status <> 'draft' AND (TG_OP = 'DELETE' OR NEW.status = 'draft' OR NEW.code IS DISTINCT FROM OLD.code OR NEW.name IS DISTINCT FROM OLD.name OR NEW.version IS DISTINCT FROM OLD.version OR NEW.hop_limit IS DISTINCT FROM OLD.hop_limit OR NEW.attempts_required IS DISTINCT FROM OLD.attempts_required OR NEW.note IS DISTINCT FROM OLD.note OR NEW.published_at IS DISTINCT FROM OLD.published_at)\n            THEN\n                RAISE EXCEPTION 'published_policies_are_fixed: a published version is never changed; copy it to a draft'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ", hash='4e7962af72280bfb416159c81d5fb68652563333', operation='UPDATE OR DELETE', pgid='pgtrigger_published_policies_are_fixed_f8c5e', table='handoff_slapolicy', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='slapolicy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "handoff_slapolicyevent" ("attempts_required", "code", "hop_limit", "id", "is_default", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "status", "version") VALUES (NEW."attempts_required", NEW."code", NEW."hop_limit", NEW."id", NEW."is_default", NEW."name", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."published_at", NEW."published_by_id", NEW."status", NEW."version"); RETURN NULL;', hash='2f9fa41409404b1602e6cddb78169e08240024d0', operation='INSERT', pgid='pgtrigger_insert_insert_d3b38', table='handoff_slapolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='slapolicy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "handoff_slapolicyevent" ("attempts_required", "code", "hop_limit", "id", "is_default", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "status", "version") VALUES (NEW."attempts_required", NEW."code", NEW."hop_limit", NEW."id", NEW."is_default", NEW."name", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."published_at", NEW."published_by_id", NEW."status", NEW."version"); RETURN NULL;', hash='50858065e81a0d3ad8ec8945981f21f19df15eec', operation='UPDATE', pgid='pgtrigger_update_update_3f922', table='handoff_slapolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='slapolicy',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "handoff_slapolicyevent" ("attempts_required", "code", "hop_limit", "id", "is_default", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "status", "version") VALUES (OLD."attempts_required", OLD."code", OLD."hop_limit", OLD."id", OLD."is_default", OLD."name", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."published_at", OLD."published_by_id", OLD."status", OLD."version"); RETURN NULL;', hash='7ae4cfdc53c482a0a4210c144d9cf023f206810c', operation='DELETE', pgid='pgtrigger_delete_delete_f02aa', table='handoff_slapolicy', when='AFTER')),
        ),
    ]
