"""Every setting of the project, read once at start-up from the environment.

Reads the environment and an optional ``.env`` file in the working directory; writes nothing.
Names carry the prefix ``CORDSEARCH_``, except ``DATABASE_URL``, which hosting platforms set.
"""

from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, NonNegativeFloat, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cordsearch.analysis.languages import LANGUAGES, Language
from cordsearch.errors import SettingsError
from cordsearch.ranking import RANKING_PRESETS, FusionMethod, RankingPreset, ranking_weights


def _ascending(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return ``values``. Raises ValueError unless each is above the one before."""
    if any(later <= earlier for earlier, later in pairwise(values)):
        raise ValueError("each must be above the one before")
    return values


class Settings(BaseSettings):
    """All settings with their defaults. Times are in milliseconds unless the name says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="CORDSEARCH_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL 16 or newer with pgvector >= 0.8.4 and pg_trgm. Unset: the embedded server is used.",
    )
    data_directory: Path = Field(
        default=Path(".cordsearch"), description="Embedded database, trained models and build outputs."
    )

    source_product_url: str | None = Field(
        default=None, description="SQLAlchemy URL of the database that holds dbo.Product. Unset: the demo source."
    )
    source_ecosystem_url: str | None = Field(
        default=None, description="SQLAlchemy URL of the database with the other 35 tables. Unset: the demo source."
    )
    source_page_size: int = Field(default=5_000, ge=1, le=100_000, description="Rows read from a source at a time.")
    source_overlap_seconds: float = Field(
        default=300.0, ge=0, le=86_400, description="How late a source may commit a row with an earlier Updated."
    )

    bronze_retention_days: float = Field(
        default=30.0, ge=0, description="Superseded events older than this may be compacted away. 0: keep everything."
    )

    kafka_bootstrap_servers: str | None = Field(default=None, description="Kafka brokers, host:port with commas.")
    kafka_group: str = Field(default="cordsearch", description="Consumer group of the stream.")
    kafka_topics: str = Field(
        default=r"^(__debezium-heartbeat\.)?cord\..*",
        description="Topics of the stream and of its heartbeats, a regular expression with ^.",
    )
    kafka_options: dict[str, str] = Field(
        default={}, repr=False, description="More librdkafka settings, as JSON: TLS, SASL."
    )
    schema_registry_url: str | None = Field(default=None, description="Schema Registry. Unset: Avro is not read.")
    connect_url: str | None = Field(default=None, description="REST API of Kafka Connect, for the connectors.")
    stream_batch_size: int = Field(default=5_000, ge=1, le=100_000, description="Messages of a batch, at most.")
    stream_linger_ms: int = Field(default=200, ge=1, le=60_000, description="A batch waits this long, at most.")

    embedding_dimensions: int = Field(default=256, ge=8, le=4_000)
    embedding_batch_size: int = Field(default=5_000, ge=1, description="Products encoded and written at a time.")
    embedding_rest: float = Field(
        default=0.0, ge=0, le=100, description="Pause after each batch, in multiples of the time the batch took."
    )
    embedding_training_seconds: float = Field(
        default=60.0, gt=0, le=86_400, description="Training of the encoder ends by then, finished or not."
    )

    worker_volatile_seconds: float = Field(default=0.5, gt=0, description="How often stock and prices are read.")
    worker_product_seconds: float = Field(default=0.5, gt=0, description="How often table Product is looked at.")
    worker_catalogue_seconds: float = Field(default=2.0, gt=0, description="The same for what belongs to products.")
    worker_compared_seconds: float = Field(default=15.0, gt=0, description="The same for tables without Updated.")
    worker_history_seconds: float = Field(default=30.0, gt=0, description="The same for movements and histories.")
    worker_fast_overlap_seconds: float = Field(
        default=10.0, ge=0, description="Overlap of most passes; CORDSEARCH_SOURCE_OVERLAP_SECONDS is for the others."
    )
    worker_full_overlap_every_seconds: float = Field(default=30.0, gt=0, description="How often the others come.")
    worker_source_share: float = Field(
        default=0.25, gt=0, le=1, description="Largest part of the time in which a group may keep its source busy."
    )
    worker_stream_sources: str | None = Field(
        default=None,
        description="Sources followed by the stream: product, ecosystem, all or none. Unset: all when Kafka is set.",
    )
    worker_reconcile_cron: str = Field(default="10 * * * *", description="When keys are compared, or never.")
    worker_compact_cron: str = Field(default="30 2 * * *", description="When bronze is compacted, or never.")
    worker_redraw_cron: str = Field(default="0 3 * * *", description="When tiers are drawn anew, or never.")
    worker_train_cron: str = Field(default="never", description="When the encoder is trained anew.")
    worker_heartbeat_seconds: float = Field(default=1.0, gt=0, description="How often a worker says that it lives.")
    worker_stalled_seconds: float = Field(
        default=6.0, gt=0, description="After this silence the jobs of a worker are taken over."
    )
    worker_niceness: int = Field(
        default=10, ge=0, le=19, description="How far the worker, and the embedded server for it, stand back."
    )
    worker_stop_seconds: float = Field(default=25.0, gt=0, description="Time to finish what is under way at the end.")

    freshness_limit_seconds: float = Field(
        default=900.0, ge=0, description="A table not known to be up to date for longer is stale. 0: no limit."
    )
    freshness_limits: dict[str, NonNegativeFloat] = Field(
        default={"Product": 300, "ProductAvailability": 300, "ProductPricing": 300, "ProductReservation": 300},
        description="Other limits, as JSON: by table, by pattern (ProductPlacement*), or for search. The first counts.",
    )
    freshness_keep_seconds: float = Field(
        default=86_400.0, ge=3_600, description="How long the delay of each publication is remembered."
    )

    service_host: str = Field(default="127.0.0.1")
    service_port: int = Field(default=8000, ge=1, le=65_535)
    service_workers: int = Field(default=1, ge=1, le=64)
    pool_size: int = Field(default=8, ge=1, le=200, description="Database connections per service worker.")
    statement_timeout_ms: int = Field(default=2_000, ge=1, description="Upper bound of any statement of the service.")
    service_warm_up_seconds: float = Field(
        default=3.0, ge=0, le=60, description="How long the service may read the catalogue before it is ready."
    )
    service_drain_seconds: float = Field(
        default=2.0,
        ge=0,
        le=300,
        description="How long /ready says no before the service stops, answering still.",
    )

    log_format: Literal["text", "json"] = Field(default="text", description="Log lines for people, or JSON objects.")
    log_access_share: float = Field(
        default=0.0, ge=0, le=1, description="Share of requests that leave a line, without query or address."
    )
    otlp_endpoint: str | None = Field(
        default=None, description="Where traces are sent, http://host:4318. Unset: none. Needs cordsearch[telemetry]."
    )
    trace_share: float = Field(default=1.0, ge=0, le=1, description="Share of requests that are traced.")

    anonymous: bool | None = Field(
        default=None,
        description="Searches without an API key. Unset: only from this machine, and only until a key is made.",
    )
    key_refresh_seconds: float = Field(default=1.0, gt=0, description="A revoked key stops within this time.")
    rate_limit_address: str = Field(default="1200/minute", description="Per address, for each key; or none.")
    rate_limit_key: str = Field(default="none", description="Per API key that has no limit of its own; or none.")
    trusted_proxies: str = Field(
        default="", description="Networks whose X-Forwarded-For is believed, separated by commas."
    )
    metrics_networks: str = Field(
        default="127.0.0.0/8,::1/128", description="Networks that may read /metrics without an admin key."
    )
    cors_origins: str = Field(default="", description="Origins of other sites whose pages may call, with commas.")
    image_origins: str = Field(default="", description="Origins the page may show product images from, with commas.")
    search_role_required: bool = Field(
        default=True,
        description="False: without the role that only reads, searches run in read-only transactions of the login.",
    )
    service_concurrency: int = Field(default=6, ge=1, description="Requests answered at once, per service worker.")
    service_queue_length: int = Field(default=64, ge=0, description="Requests that may wait behind these.")
    service_queue_wait_ms: int = Field(
        default=40, ge=1, description="A request that waits longer is told to come again."
    )
    service_deadline_ms: int = Field(default=5_000, ge=1, description="Upper bound of any answer of the service.")
    service_largest_body: int = Field(default=524_288, ge=1, description="Bytes a request may carry.")

    search_deadline_ms: int = Field(default=250, ge=1, description="A retriever that takes longer is left out.")
    search_patience_ms: int = Field(
        default=1_000,
        ge=0,
        description="When none met the deadline, the first within this time answers.",
    )
    search_retrievers_off: frozenset[Literal["code", "fulltext", "trigram", "vector"]] = Field(
        default=frozenset(),
        description="Retrievers switched off, as JSON; their part of an answer is missing.",
    )
    search_vectors: Literal["as_needed", "always"] = Field(
        default="as_needed",
        description="as_needed: the index of vectors is left alone where products with every word fill the list.",
    )
    search_candidates: int = Field(default=60, ge=10, le=1_000, description="Products each retriever proposes.")
    search_fusion: FusionMethod = Field(
        default="rank", description="How the lists of the retrievers are joined: by rank or by score."
    )
    search_rrf_constant: float = Field(default=60.0, gt=0, description="k of reciprocal rank fusion.")
    search_ef_search: int = Field(default=120, ge=10, le=1_000, description="hnsw.ef_search of the service.")
    search_smallest_similarity: float = Field(
        default=0.4, ge=-1, le=1, description="Cosine below which a vector neighbour is not a result."
    )
    search_retriever_weights: dict[str, float] = Field(
        default={"code": 2.0, "fulltext": 1.0, "trigram": 0.9, "vector": 0.7},
        description="Weight of each retriever in the fusion, as JSON.",
    )
    search_ranking: RankingPreset = Field(
        default="balanced", description="Named weights of the ranking signals: " + ", ".join(RANKING_PRESETS) + "."
    )
    search_signal_weights: dict[str, Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]] = Field(
        default={},
        description="Weights of ranking signals (0 to 1; vehicle from -0.2), as JSON; they override the preset's.",
    )
    search_facet_matches: int = Field(
        default=1_000, ge=10, le=100_000, description="Facets of more matches are estimated from the best ones."
    )
    search_sorted_matches: int = Field(
        default=10_000, ge=100, le=1_000_000, description="Most matches that are sorted by price or name: the best."
    )
    search_facet_price_bounds: Annotated[tuple[NonNegativeFloat, ...], AfterValidator(_ascending)] = Field(
        default=(10, 25, 50, 100, 250, 500, 1_000), min_length=1, description="Where ranges of prices end, as JSON."
    )
    search_default_language: Language = Field(
        default="uk", description="Language of names in answers to requests that name none."
    )
    search_languages: tuple[Language, ...] = Field(
        default=LANGUAGES,
        min_length=1,
        description="Languages that queries are read in, as JSON; others are not tried.",
    )
    dictionary_refresh_seconds: float = Field(
        default=30.0, gt=0, description="How often the service looks whether the dictionary was rebuilt."
    )

    query_log_days: int = Field(
        default=30, ge=0, le=3_650, description="How long searches are remembered. 0: no query is ever written down."
    )
    event_days: int = Field(
        default=7, ge=1, le=3_650, description="How long single events are; their counts by day stay 60 days."
    )
    event_queue_rows: int = Field(
        default=50_000, ge=1_000, description="Searches, and events, that may wait to be written, per service worker."
    )
    behaviour_refresh_seconds: float = Field(
        default=300.0, gt=0, description="How often demand and past queries are read anew."
    )
    past_query_searches: int = Field(
        default=5, ge=1, description="Searches after which autocomplete may offer a query to others."
    )
    report_searches: int = Field(
        default=1, ge=1, description="Reports leave out queries searched less often in their period."
    )
    merchandising_poll_seconds: float = Field(
        default=5.0, gt=0, description="How often it looks for changed rules that no notification told of."
    )

    @field_validator("search_signal_weights")
    @classmethod
    def _weights_name_signals(cls, weights: dict[str, float]) -> dict[str, float]:
        ranking_weights("balanced", weights)
        return weights

    @property
    def ranking_weights(self) -> dict[str, float]:
        """The weight of every ranking signal: the preset's, but where a setting names another."""
        return ranking_weights(self.search_ranking, self.search_signal_weights)

    @property
    def model_directory(self) -> Path:
        """Where trained encoders are kept, one folder per version."""
        return self.data_directory / "models"

    def freshness_limit(self, name: str) -> float:
        """Return how many seconds the source table ``name``, or ``search``, may be behind; 0 means no limit."""
        fitting = (limit for pattern, limit in self.freshness_limits.items() if fnmatchcase(name, pattern))
        return next(fitting, self.freshness_limit_seconds)


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: a value does not fit; the message names each variable and the reason.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}" for problem in error.errors()
        )
        raise SettingsError(
            f"The settings in the environment do not make sense: {problems}. See .env.example for each name."
        ) from error
