"""What a legal census is: its columns, their types, their bounds, and what each broken rule says.

The contract's names and the SQL types of `inputs.census` live here; `orchestrator.census_checks`
turns this page into SQL. Money is in dollars, shares are fractions (0.06 is 6%), ages are completed
years, hours are hours per week.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["identifier", "ssn", "text", "day", "money", "hours", "share", "level", "flag"]

SQL_TYPES: dict[Kind, str] = {
    "identifier": "VARCHAR",
    "ssn": "VARCHAR",
    "text": "VARCHAR",
    "day": "DATE",
    "money": "DECIMAL(18,6)",
    "hours": "DECIMAL(9,6)",
    "share": "DECIMAL(9,6)",
    "level": "INTEGER",
    "flag": "BOOLEAN",
}

MINIMUM_AGE = 14
"""Youngest age at hire and at the census date (29 CFR 570.2, the general federal minimum)."""

MAXIMUM_AGE = 120
"""Oldest credible age at the census date. Generous, because real censuses keep birth dates that
nobody checked; what it catches is a wrong century or a wrong census date."""

MAXIMUM_IDENTIFIER_LENGTH = 64
RESERVED_PREFIX = "NH_"
"""Employee ids of simulated hires start so; a census id must not."""

MAXIMUM_ANNUAL_PAY = Decimal("50000000")
MAXIMUM_BALANCE = Decimal("1000000000")
MINIMUM_ANNUAL_RATE = Decimal("1000")
"""An annual rate below this is taken for an hourly, weekly or monthly one and refused."""

HOURS_IN_A_WEEK = Decimal("168")

SSN_MASK = "***-**-****"

DRIFT_THRESHOLD = 0.10
"""Kolmogorov-Smirnov distance above which a measure counts as drifted. With thousands of people
every p-value is near zero, so the distance decides and the p-value is only reported."""


@dataclass(frozen=True)
class CensusColumn:
    """One column of the census contract.

    `minimum` and `maximum` are legal values themselves; each bound names the reason (a key of
    REASONS) given beyond it. `positive_reason` is set when zero is not legal either.
    """

    name: str
    kind: Kind
    required: bool = False
    minimum: Decimal | None = None
    minimum_reason: str = ""
    maximum: Decimal | None = None
    maximum_reason: str = ""
    positive_reason: str = ""

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.kind]


ZERO, ONE = Decimal(0), Decimal(1)


def _share(name: str) -> CensusColumn:
    return CensusColumn(
        name,
        "share",
        minimum=ZERO,
        minimum_reason="negative",
        maximum=ONE,
        maximum_reason="share_above_one",
    )


def _balance(name: str) -> CensusColumn:
    return CensusColumn(
        name,
        "money",
        minimum=ZERO,
        minimum_reason="negative",
        maximum=MAXIMUM_BALANCE,
        maximum_reason="balance_absurd",
    )


CENSUS_COLUMNS: tuple[CensusColumn, ...] = (
    CensusColumn("employee_id", "identifier", required=True),
    CensusColumn("employee_ssn", "ssn"),
    CensusColumn("employee_birth_date", "day", required=True),
    CensusColumn("employee_hire_date", "day", required=True),
    CensusColumn("employee_termination_date", "day"),
    CensusColumn(
        "employee_gross_compensation",
        "money",
        required=True,
        positive_reason="pay_not_positive",
        minimum=MINIMUM_ANNUAL_RATE,
        minimum_reason="pay_not_annual",
        maximum=MAXIMUM_ANNUAL_PAY,
        maximum_reason="pay_absurd",
    ),
    CensusColumn("level_id", "level"),
    CensusColumn("job_title", "text"),
    CensusColumn("department", "text"),
    CensusColumn(
        "scheduled_hours_per_week",
        "hours",
        positive_reason="hours_out_of_range",
        maximum=HOURS_IN_A_WEEK,
        maximum_reason="hours_out_of_range",
    ),
    CensusColumn(
        "prior_year_gross_pay",
        "money",
        minimum=ZERO,
        minimum_reason="negative",
        maximum=MAXIMUM_ANNUAL_PAY,
        maximum_reason="pay_absurd",
    ),
    _share("ownership_pct"),
    CensusColumn("is_officer", "flag"),
    _share("employee_deferral_rate"),
    _share("employee_roth_share"),
    CensusColumn("auto_escalation_opt_out", "flag"),
    CensusColumn("plan_entry_date", "day"),
    _balance("account_balance_employee"),
    _balance("account_balance_employer"),
)

COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in CENSUS_COLUMNS)
REQUIRED_COLUMNS: tuple[str, ...] = tuple(c.name for c in CENSUS_COLUMNS if c.required)

REASONS: dict[str, str] = {
    "missing": "a required value is missing",
    "looks_like_ssn": "looks like a social security number; use another value here",
    "identifier_too_long": f"longer than {MAXIMUM_IDENTIFIER_LENGTH} characters",
    "identifier_unprintable": "holds characters that cannot be printed",
    "identifier_reserved": f"ids starting with {RESERVED_PREFIX} are reserved for simulated hires",
    "identifier_scientific": "a spreadsheet turned this id into scientific notation;"
    " format the column as text and export it again",
    "identifier_duplicate": "employee_id is used more than once",
    "ssn_format": "a social security number has nine digits, with both dashes or without;"
    " keep the column as text so that leading zeros survive",
    "ssn_never_issued": "never issued as a social security number"
    " (area 000, 666 or 900-999, group 00 or serial 0000)",
    "ssn_duplicate": "the same social security number is used more than once",
    "day_slashes": "dates with slashes are not accepted; write YYYY-MM-DD, for example 2019-07-05",
    "day_serial": "looks like a spreadsheet day number; write YYYY-MM-DD, for example 2019-07-05",
    "day_with_time": "holds a time of day; write the date alone, YYYY-MM-DD",
    "day_not_in_calendar": "there is no such day in the calendar (dates are read as YYYY-MM-DD)",
    "day_unreadable": "unreadable date; write YYYY-MM-DD, for example 2019-07-05",
    "number_formatted": "write the plain number without currency sign or thousands separator,"
    " for example 1234.00",
    "number_percent": "write the share as a fraction: 0.06 for 6%",
    "number_not_finite": "not a number; leave the value empty when it is not known",
    "number_scientific": "written in scientific notation; write the number out",
    "number_unreadable": "not a number",
    "number_too_large": "too large for an amount with six decimals",
    "number_too_precise": "more than six decimals; round it",
    "negative": "must not be negative",
    "share_above_one": "a share must lie between 0 and 1 (1 is 100%)",
    "pay_not_positive": "an annual rate of pay must be above zero",
    "pay_not_annual": f"below {MINIMUM_ANNUAL_RATE:,} a year, probably an hourly, weekly or monthly"
    " rate; give the annual rate",
    "pay_absurd": f"above {MAXIMUM_ANNUAL_PAY:,} a year is not credible",
    "balance_absurd": f"above {MAXIMUM_BALANCE:,} is not credible",
    "hours_out_of_range": f"scheduled hours a week must be above 0 and at most {HOURS_IN_A_WEEK}",
    "level_unreadable": "a level is a whole number",
    "level_unknown": "not among the configured levels {levels}",
    "flag_unreadable": "write true or false (1/0 and yes/no are read too)",
    "birth_in_future": "birth date lies after the census date {as_of}",
    "age_too_low": f"younger than {MINIMUM_AGE} at the census date {{as_of}}",
    "age_too_high": f"older than {MAXIMUM_AGE} at the census date {{as_of}}",
    "hire_before_birth": "hire date lies before the birth date",
    "hire_too_young": f"hired before the age of {MINIMUM_AGE}",
    "hire_after_census": "hire date lies after the census date {as_of}",
    "termination_before_hire": "termination date lies before the hire date",
    "entry_before_hire": "plan entry date lies before the hire date",
    "wrong_field_count": "the row has another number of fields than the header",
}
