"""When jobs begin by themselves."""

from datetime import datetime

from django.utils.translation import gettext as _

from amerce.config_file.part import Act, TablePart, Unknown, Values
from amerce.config_file.scalars import Flag, Text
from amerce.config_file.shapes import Field, ListOf, Row, Table
from amerce.institutions.models import Institution
from amerce.jobs.cron import CRON_LIMIT
from amerce.jobs.delete_schedule import delete_schedule
from amerce.jobs.models import JobSchedule
from amerce.jobs.save_schedule import save_schedule
from amerce.jobs.schedule_facts import ScheduleFacts

_SIGN = "="


class ParamUnclear(Unknown):
    """A parameter that is not of the form name=value."""

    def __init__(self, text: str) -> None:
        LookupError.__init__(self, _("params: “%(text)s” is not of the form name=value") % {"text": text})


class JobSchedules(TablePart):
    name = "job_schedules"
    about = "Which jobs begin by themselves and when, on the institution's clocks; known by job and parameters."
    shape = Table(
        ("job", "params"),
        Row(
            {
                "job": Field(Text(60), "The job's name, as amerce job list has it."),
                "params": Field(ListOf(Text(300), 50), "Its parameters, each as name=value.", []),
                "cron": Field(Text(CRON_LIMIT), "Minute, hour, day of the month, month, weekday: 10 0 * * *."),
                "enabled": Field(Flag(), "Whether it begins by itself.", True),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        rows = JobSchedule.objects.filter(institution=institution).order_by("name", "key")
        return [{"job": row.name, "params": _written(row), "cron": row.cron, "enabled": row.is_enabled} for row in rows]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        facts = ScheduleFacts(
            job=row["job"], cron=row["cron"], params=dict(map(_pair, row["params"])), is_enabled=row["enabled"]
        )
        schedule_id = _schedule_id(act, before) if before else None
        save_schedule(actor=act.actor, at=act.at, facts=facts, schedule_id=schedule_id)

    def remove(self, act: Act, row: Values) -> None:
        delete_schedule(actor=act.actor, at=act.at, schedule_id=_schedule_id(act, row))


def _written(row: JobSchedule) -> list[str]:
    return sorted(f"{name}{_SIGN}{text}" for name, text in row.params.items())


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition(_SIGN)
    if not sign or not name:
        raise ParamUnclear(text)
    return name, value


def _schedule_id(act: Act, row: Values) -> int:
    rows = JobSchedule.objects.filter(institution=act.institution, name=row["job"])
    return next(each.pk for each in rows if _written(each) == row["params"])
