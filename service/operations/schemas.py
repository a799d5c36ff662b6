"""The shape of ``GET /operations``, as OpenAPI publishes it. Pure."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class RouteLatencies(BaseModel):
    """The answers of one route since the service started, all its worker processes together."""

    method: str
    route: str = Field(description="The template of its address.", examples=["/search"])
    requests: int
    failures: int = Field(description="Answers of 500 and more.")
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    bounds_ms: list[float | None] = Field(description="Upper bounds of the buckets; null: none.")
    counts: list[int] = Field(description="Answers in each bucket; differences of two readings make percentiles.")


class Publication(BaseModel):
    """One refresh of the marts that took events; delays count from the oldest commit among them."""

    published_at: datetime
    searchable_at: datetime | None
    events: int
    published_seconds: float | None
    searchable_seconds: float | None


class Duty(BaseModel):
    """One duty of the workers."""

    duty: str
    finished_at: datetime | None
    seconds: float | None = Field(description="How long its last run took.")
    outcome: str | None = Field(description="What the last run did that did something.")
    outcome_at: datetime | None
    error: str | None = Field(description="Why the last run failed; null when it did not.")
    failures: int = Field(description="Failures in a row.")


class Jobs(BaseModel):
    """Jobs of one kind in the queue."""

    task: str
    status: Literal["todo", "doing", "failed"]
    jobs: int


class TableProblem(BaseModel):
    """A source table that cannot be read now."""

    source_name: str
    table_name: str
    reason: str
    failures: int
    first_at: datetime


class ModelState(BaseModel):
    """One version of a model, and how far its vectors are."""

    model_id: str
    active: bool
    built: datetime | None = Field(description="When its vectors were first complete and indexed.")
    dimensions: int
    waiting: int = Field(description="Products whose vector is not of their text.")
    failed: int = Field(description="Texts that it cannot take.")
    recall_at_10: float | None
    index_share: float | None = Field(description="How far its index build is, 0 to 1; null: none is under way.")


class Operations(BaseModel):
    """What staff see of a running system."""

    routes: list[RouteLatencies]
    publications: list[Publication]
    duties: list[Duty]
    jobs: list[Jobs]
    table_problems: list[TableProblem]
    models: list[ModelState]
