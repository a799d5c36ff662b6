# The service and the jobs without torch; the database is a container of its own (docker-compose.yml).
FROM python:3.12-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml constraints.txt README.md ./
COPY cordsearch cordsearch
COPY ingest ingest
COPY embeddings embeddings
COPY service service
RUN python -m venv /opt/cordsearch \
 && /opt/cordsearch/bin/pip install --no-cache-dir --constraint constraints.txt --editable .

FROM python:3.12-slim-bookworm
RUN useradd --system --create-home --uid 10001 cordsearch
WORKDIR /build
COPY --from=build /opt/cordsearch /opt/cordsearch
COPY --from=build --chown=cordsearch /build /build
COPY --chown=cordsearch dbt dbt
USER cordsearch
ENV PATH=/opt/cordsearch/bin:$PATH CORDSEARCH_DATA_DIRECTORY=/home/cordsearch/data CORDSEARCH_SERVICE_HOST=0.0.0.0
EXPOSE 8000
ENTRYPOINT ["cordsearch"]
CMD ["serve"]
