"""Triggers that make the database refuse changes, declared on models."""

from collections.abc import Sequence

import pgtrigger


def append_only(name: str) -> pgtrigger.Protect:
    """Refuse updates and deletes."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def frozen_once_published(
    *, name: str, parent_table: str, parent_column: str, via: str = ""
) -> pgtrigger.Trigger:
    """Refuse changes to rows of a version that is no longer a draft.

    `via` ("table.column") names the parent's table when the version is the grandparent.
    """
    version = f"COALESCE(NEW.{parent_column}, OLD.{parent_column})"
    if via:
        table, column = via.split(".")
        version = f"(SELECT up.{column} FROM {table} AS up WHERE up.id = {version})"  # noqa: S608  (no input in it)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF EXISTS (
                SELECT 1 FROM {parent_table} AS version
                WHERE version.id = {version} AND version.status <> 'draft'
            ) THEN
                RAISE EXCEPTION '{name}: a published version is never changed; copy it to a draft'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN COALESCE(NEW, OLD);
        """,  # noqa: S608  (no input in it)
    )


def fixed_once_published(*, name: str, fields: Sequence[str]) -> pgtrigger.Trigger:
    """Refuse changes to a published version's own fields; it may only be retired."""
    changed = " OR ".join(f"NEW.{field} IS DISTINCT FROM OLD.{field}" for field in fields)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF OLD.status <> 'draft' AND (TG_OP = 'DELETE' OR NEW.status = 'draft' OR {changed})
            THEN
                RAISE EXCEPTION '{name}: a published version is never changed; copy it to a draft'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN COALESCE(NEW, OLD);
        """,
    )
