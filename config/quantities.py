"""The units of settings, each declared once: bounds, exactness and SQL column type.

Decimals are exact: they arrive as `Decimal`, `int` or decimal text and never pass through a float.
Six decimal places is what the columns hold; a finer value is refused, not rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from config.census import MINIMUM_ANNUAL_RATE


@dataclass(frozen=True)
class SqlType:
    """Column type of a quantity in schema `inputs`."""

    name: str


class Section(BaseModel):
    """A section of the settings: immutable, strictly typed, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=True)


def exact_decimal(value: object) -> Decimal:
    """Return `value` as an exact decimal; raise ValueError for anything that is not one."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str):
        try:
            return Decimal(value.strip())
        except InvalidOperation:
            hint = ", and a share is written 0.06, not 6%" if "%" in value else ""
            raise ValueError(f"must be a decimal number{hint}") from None
    raise ValueError("must be a decimal number")


_RATE = SqlType("DECIMAL(9,6)")
_MONEY = SqlType("DECIMAL(18,6)")
_EXACT = BeforeValidator(exact_decimal)
_SIX = Field(decimal_places=6, allow_inf_nan=False)
_TWO = Field(decimal_places=2, allow_inf_nan=False)

Rate = Annotated[Decimal, _EXACT, _SIX, Field(ge=0, le=1), _RATE]
"""A share of something, 0 to 1 (6% is 0.06)."""
LoggedRate = Annotated[
    Decimal, _EXACT, Field(ge=0, le=1, decimal_places=4, allow_inf_nan=False), _RATE
]
"""A share that forfeitures are told by: events keep four decimals."""
OpenRate = Annotated[Decimal, _EXACT, _SIX, Field(ge=0, lt=1), _RATE]
"""A share below one: 1 - rate is a divisor."""
Growth = Annotated[Decimal, _EXACT, _SIX, Field(gt=-1, le=1), _RATE]
"""Change a year; -1 would leave nothing, 1 doubles."""
CpiGrowth = Annotated[Decimal, _EXACT, _SIX, Field(ge=Decimal("-0.05"), le=Decimal("0.25")), _RATE]
"""Change of the CPI-U a year."""
Return = Annotated[Decimal, _EXACT, _SIX, Field(ge=Decimal("-0.5"), le=Decimal("0.5")), _RATE]
"""Investment return a year."""
MatchRate = Annotated[Decimal, _EXACT, _SIX, Field(ge=0, le=5), _RATE]
"""Employer dollars per matched employee dollar (50 cents is 0.50)."""
Weight = Annotated[Decimal, _EXACT, _SIX, Field(ge=0, le=999), _RATE]
"""Relative weight; only the proportions matter."""
Multiplier = Annotated[Decimal, _EXACT, _SIX, Field(ge=0, le=100), _RATE]
"""Factor on a hazard or probability."""
Hours = Annotated[Decimal, _EXACT, _TWO, Field(gt=0, le=168), _RATE]
"""Hours a week; events keep two decimals."""
Money = Annotated[Decimal, _EXACT, _SIX, Field(ge=0, le=999_999_999), _MONEY]
"""US dollars."""
AnnualPay = Annotated[Decimal, _EXACT, _TWO, Field(ge=MINIMUM_ANNUAL_RATE, le=999_999_999), _MONEY]
"""Dollars and cents a year, as far down as a census may pay."""

ID_PATTERN, ID_RULE = r"^[A-Za-z0-9_-]{1,64}$", "must be 1 to 64 letters, digits, _ or -"
Id = Annotated[str, Field(pattern=ID_PATTERN), SqlType("VARCHAR")]
"""Name of a scenario or plan design."""

Age = Annotated[int, Field(ge=0, le=120)]
"""Completed years of age."""
Years = Annotated[int, Field(ge=0, le=80)]
"""Completed years of service."""
Elements = Field(min_length=1, strict=False)
"""A list of at least one element, given as a list and kept as a tuple."""
