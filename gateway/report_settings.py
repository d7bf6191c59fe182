"""The deadlines that the governor's report measures by (DOMAIN §2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """Deadlines of `lapor-gateway report`, in working days (holidays.csv) after the day on which we received a complaint."""

    verify_days: Annotated[int, Ge(1), Le(60)] = 3
    """Until an instansi has it: verification and disposisi."""
    information_days: Annotated[int, Ge(1), Le(365)] = 5
    """Until an aspiration or a request for information is finished."""
    complaint_days: Annotated[int, Ge(1), Le(365)] = 14
    """Until a complaint is finished; Kab. Magelang gives 10. One about an abuse of office (60) is rahasia, so no report counts it."""
