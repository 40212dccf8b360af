"""The answer of the health checks."""

from typing import Literal

from app.schemas.fields import Answer


class HealthOut(Answer):
    status: Literal["ok"]
