import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from people.mail_files import purge_mail_files

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_mails_in_files_are_deleted_after_30_days(tmp_path: Path) -> None:
    ages = {"new.log": 29, "old.log": 31, "other.txt": 99}
    for name, days in ages.items():
        (tmp_path / name).touch()
        moment = (NOW - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (moment, moment))

    assert purge_mail_files(tmp_path, at=NOW) == 1

    assert {file.name for file in tmp_path.iterdir()} == {"new.log", "other.txt"}
    assert purge_mail_files(tmp_path / "missing", at=NOW) == 0
