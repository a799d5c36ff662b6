# The service, the worker and every job, without torch; the database is a container of its own (docker-compose.yml).
FROM python:3.12.13-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml constraints.txt README.md ./
COPY cordsearch cordsearch
COPY ingest ingest
COPY embeddings embeddings
COPY service service
# Editable, because dbt/ is found beside the packages. The extras: the Debezium stream, which the worker reads; traces.
RUN python -m venv /opt/cordsearch \
 && /opt/cordsearch/bin/pip install --no-cache-dir --constraint constraints.txt --editable '.[stream,telemetry]'

FROM python:3.12.13-slim-bookworm
# The folders are made here, so that the volumes mounted on them belong to the user.
RUN useradd --system --create-home --uid 10001 cordsearch \
 && install --directory --owner cordsearch /home/cordsearch/data /home/cordsearch/scripts
WORKDIR /build
COPY --from=build /opt/cordsearch /opt/cordsearch
COPY --from=build /build /build
COPY dbt dbt
USER 10001
ENV PATH=/opt/cordsearch/bin:$PATH PYTHONUNBUFFERED=1 \
    CORDSEARCH_DATA_DIRECTORY=/home/cordsearch/data CORDSEARCH_SERVICE_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
ENTRYPOINT ["cordsearch"]
CMD ["serve"]
