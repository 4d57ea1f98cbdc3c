"""Payloads of plan administration: forfeiture, hce_status, compliance."""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Literal, Self

from pydantic import StrictBool, model_validator
from pydantic_core import PydanticCustomError

from config.event_fields import (
    HALF_CENT,
    ComplianceType,
    DeterminationMethod,
    EmployerAccount,
    ForfeitureReason,
    LimitType,
    NonNegativeMoney,
    OwnershipShare,
    Payload,
    PositiveMoney,
    Rate,
)

FIVE_PERCENT_OWNER = Decimal("0.05")

LIMIT_TYPES_OF: Mapping[str, tuple[str, ...]] = {
    "402g_limit_approach": ("elective_deferral",),
    "402g_limit_reached": ("elective_deferral",),
    "415c_limit_approach": ("annual_additions",),
    "415c_limit_reached": ("annual_additions",),
    "catch_up_eligible": ("catch_up",),
    "super_catch_up_eligible": ("catch_up",),
    # The Roth rule looks at prior-year FICA wages (IRC 414(v)(7)), so either limit may be named.
    "roth_catch_up_required": ("catch_up", "compensation"),
}


class ForfeiturePayload(Payload):
    """Employer money goes back to the plan. `account_balance` is that of `source` before it.

    `unvested_termination` and `break_in_service` (IRC 411(a)(6)(C)) forfeit exactly the unvested
    part. Two more reasons exist because the law forfeits match whatever is vested: match on
    deferrals taken out within the automatic-enrollment window (`permissible_withdrawal`,
    IRC 414(w)(3)) and match on deferrals refunded after a failed test (`excess_contribution`,
    IRC 411(a)(3)(G)); there the amount is bounded by the account only.
    """

    columns: ClassVar[Mapping[str, str]] = {
        "source": "source",
        "amount": "amount",
        "reason": "reason",
    }
    event_type: Literal["forfeiture"] = "forfeiture"
    source: EmployerAccount
    amount: PositiveMoney
    reason: ForfeitureReason
    account_balance: PositiveMoney
    vested_share: Rate

    @model_validator(mode="after")
    def _amount_is_unvested(self) -> Self:
        if self.amount > self.account_balance:
            raise PydanticCustomError(
                "forfeiture_above_balance",
                "amount {amount} should be at most account_balance {balance}",
                {"amount": str(self.amount), "balance": str(self.account_balance)},
            )
        unvested = self.account_balance * (1 - self.vested_share)
        by_vesting = self.reason in ("unvested_termination", "break_in_service")
        if by_vesting and abs(self.amount - unvested) > HALF_CENT:
            raise PydanticCustomError(
                "forfeiture_not_unvested_part",
                "amount {amount} should be account_balance {balance} x (1 - vested_share {share})"
                " = {unvested}, to the cent",
                {
                    "amount": str(self.amount),
                    "balance": str(self.account_balance),
                    "share": str(self.vested_share),
                    "unvested": str(unvested),
                },
            )
        return self


class HceStatusPayload(Payload):
    """Highly compensated or not, this year (IRC 414(q)).

    `lookback_compensation` is pay actually earned in the look-back year, `threshold` that year's
    limit, both in dollars; `in_top_paid_group` is absent when the plan makes no such election.
    """

    event_type: Literal["hce_status"] = "hce_status"
    is_hce: StrictBool
    determination_method: DeterminationMethod
    lookback_compensation: NonNegativeMoney
    threshold: PositiveMoney
    ownership_share: OwnershipShare
    in_top_paid_group: StrictBool | None = None

    @model_validator(mode="after")
    def _flag_follows_facts(self) -> Self:
        is_owner = self.ownership_share > FIVE_PERCENT_OWNER
        is_paid = (
            self.lookback_compensation > self.threshold and self.in_top_paid_group is not False
        )
        if self.is_hce != (is_owner or is_paid):
            raise PydanticCustomError(
                "hce_flag_inconsistent",
                "is_hce {flag} should be {expected}: lookback_compensation {pay}, threshold "
                "{threshold}, ownership_share {share}, in_top_paid_group {top}",
                {
                    "flag": str(self.is_hce),
                    "expected": str(is_owner or is_paid),
                    "pay": str(self.lookback_compensation),
                    "threshold": str(self.threshold),
                    "share": str(self.ownership_share),
                    "top": str(self.in_top_paid_group),
                },
            )
        return self


class CompliancePayload(Payload):
    """A person nears, meets or qualifies for a limit; dollars."""

    event_type: Literal["compliance"] = "compliance"
    compliance_type: ComplianceType
    limit_type: LimitType
    applicable_limit: PositiveMoney
    current_amount: NonNegativeMoney

    @model_validator(mode="after")
    def _limit_matches(self) -> Self:
        legal = LIMIT_TYPES_OF[self.compliance_type]
        if self.limit_type not in legal:
            raise PydanticCustomError(
                "limit_type_inconsistent",
                "limit_type {limit_type} should be {legal} when compliance_type is {kind}",
                {
                    "limit_type": self.limit_type,
                    "legal": " or ".join(legal),
                    "kind": self.compliance_type,
                },
            )
        reached = self.current_amount >= self.applicable_limit
        if (self.compliance_type.endswith("_reached") and not reached) or (
            self.compliance_type.endswith("_approach") and reached
        ):
            raise PydanticCustomError(
                "limit_amount_inconsistent",
                "current_amount {amount} and applicable_limit {limit} contradict {kind}",
                {
                    "amount": str(self.current_amount),
                    "limit": str(self.applicable_limit),
                    "kind": self.compliance_type,
                },
            )
        return self
