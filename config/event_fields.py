"""The legal values of event fields: exact money and rates, days, the enumerations; payload base.

Money is `Decimal` dollars, rates and shares are `Decimal` fractions of one. On the wire (JSON) both
are strings of plain digits, so that no binary float ever stands between two engines; integers are
JSON numbers and days are ISO 8601 dates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictInt,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

HALF_CENT = Decimal("0.005")
PLAIN_DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"


def _exact_decimal(value: object) -> object:
    """Refuse binary floats and booleans; write exponents out, so that JSON gives the same bytes."""
    if isinstance(value, float | bool):
        raise PydanticCustomError(
            "decimal_from_float",
            "Input should be a Decimal, an integer or a string of digits, not a binary {kind}",
            {"kind": type(value).__name__},
        )
    if isinstance(value, Decimal) and value.is_finite():
        return Decimal(format(value, "f"))
    return value


def _calendar_day(value: object) -> object:
    """Refuse numbers: a day is never a count of seconds."""
    if isinstance(value, int | float):
        raise PydanticCustomError("day_from_number", "Input should be a date or an ISO 8601 string")
    return value


@dataclass(frozen=True)
class _Exact:
    """Decimal within bounds, of so many digits in all and after the point; a string in JSON.

    In JSON the digits are counted on the text: counting them on the `Decimal` costs pydantic more
    than the rest of the field.
    """

    digits: int
    decimals: int
    gt: Decimal | None = None
    ge: Decimal | None = None
    le: Decimal | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        bounds = {"gt": self.gt, "ge": self.ge, "le": self.le}
        bounds = {name: bound for name, bound in bounds.items() if bound is not None}
        whole = self.digits - self.decimals
        text = core_schema.custom_error_schema(
            core_schema.str_schema(
                pattern=rf"^-?0*[0-9]{{1,{whole}}}(\.[0-9]{{1,{self.decimals}}}0*)?$", strict=True
            ),
            custom_error_type="decimal_string",
            custom_error_message='Input should be a JSON string of plain digits such as "1234.56", '
            f"at most {whole} before the decimal point and {self.decimals} after it",
        )
        return core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema(
                [text, core_schema.decimal_schema(allow_inf_nan=True, **bounds)]
            ),
            python_schema=core_schema.no_info_before_validator_function(
                _exact_decimal,
                core_schema.decimal_schema(
                    max_digits=self.digits, decimal_places=self.decimals, **bounds
                ),
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: format(value, "f"), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        bounds = [(">", self.gt), (">=", self.ge), ("<=", self.le)]
        words = [f"{sign} {bound}" for sign, bound in bounds if bound is not None]
        words.append(f"at most {self.digits - self.decimals} digits before the decimal point")
        words.append(f"{self.decimals} after it")
        return {
            "type": "string",
            "format": "decimal",
            "pattern": PLAIN_DECIMAL,
            "description": ", ".join(words),
        }


class _IsoDay:
    """Day that travels as an ISO 8601 string, never as a timestamp."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.date_schema(strict=True),
            python_schema=core_schema.no_info_before_validator_function(
                _calendar_day, core_schema.date_schema()
            ),
        )


ZERO, ONE = Decimal(0), Decimal(1)

Day = Annotated[date, _IsoDay()]
PositiveMoney = Annotated[Decimal, _Exact(18, 6, gt=ZERO)]
NonNegativeMoney = Annotated[Decimal, _Exact(18, 6, ge=ZERO)]
Rate = Annotated[Decimal, _Exact(5, 4, ge=ZERO, le=ONE)]
# A raise may be a cut, and compensation levers carry six decimals.
RaiseRate = Annotated[Decimal, _Exact(7, 6, gt=-ONE, le=ONE)]
# The owner test is "more than 5 percent" (IRC 416(i)(1)(B)): 5.0001% must not round to 5%.
OwnershipShare = Annotated[Decimal, _Exact(7, 6, ge=ZERO, le=ONE)]
WeeklyHours = Annotated[Decimal, _Exact(5, 2, gt=ZERO, le=Decimal(168))]
LevelId = Annotated[StrictInt, Field(ge=1, le=2_147_483_647)]

TerminationType = Literal["experienced_termination", "new_hire_termination"]
TerminationReason = Literal["voluntary", "involuntary", "retirement", "death", "disability"]
EligibilityBasis = Literal["service", "long_term_part_time"]
EnrollmentMethod = Literal["auto", "voluntary", "census"]
DeferralChangeKind = Literal["election", "opt_out"]
ContributionSource = Literal[
    "employee_pre_tax",
    "employee_roth",
    "employee_catch_up",
    "employee_roth_catch_up",
    "employer_match",
    "employer_match_true_up",
    "employer_nonelective",
    "employer_profit_sharing",
    "forfeiture_allocation",
]
EmployerAccount = Literal["employer_match", "employer_nonelective", "employer_profit_sharing"]
Account = Literal[
    "employee_pre_tax",
    "employee_roth",
    "employer_match",
    "employer_nonelective",
    "employer_profit_sharing",
]
DistributionReason = Literal[
    "termination",
    "cash_out",
    "permissible_withdrawal",
    "excess_contribution",
    "excess_aggregate_contribution",
    "excess_annual_addition",
]
ForfeitureReason = Literal[
    "unvested_termination", "break_in_service", "permissible_withdrawal", "excess_contribution"
]
DeterminationMethod = Literal["prior_year", "current_year"]
ComplianceType = Literal[
    "402g_limit_approach",
    "402g_limit_reached",
    "415c_limit_approach",
    "415c_limit_reached",
    "catch_up_eligible",
    "super_catch_up_eligible",
    "roth_catch_up_required",
]
LimitType = Literal["elective_deferral", "annual_additions", "catch_up", "compensation"]


def _require_event_type(schema: dict[str, Any]) -> None:
    """The discriminator has a default for Python callers; JSON must always carry it."""
    schema["required"] = ["event_type", *schema["required"]]


class Payload(BaseModel):
    """Base of all payloads.

    `columns` names the typed columns of `fct_yearly_events` that repeat a field of this payload
    (column → field); a published row where the two differ is a failure.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_require_event_type)
    columns: ClassVar[Mapping[str, str]] = {}
