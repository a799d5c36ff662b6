-- The embeddings schema: which model is active, and every vector ever computed.
create schema if not exists embeddings;

create table if not exists embeddings.model (
    name text not null,
    version text not null,
    model_id text primary key,
    dimensions integer not null check (dimensions > 0),
    path text not null, -- the folder inside the model directory, or the hub name or path of a transformer
    active boolean not null default false,
    created timestamptz not null default now(),
    metrics jsonb not null default '{}',
    unique (name, version)
);

create unique index if not exists model_only_one_active on embeddings.model (active) where active;

-- content_hash: md5 of the text that was encoded (embeddings.text.product_text), so products with equal texts share a
-- vector and a full refresh of the mart, or a change of a price or a code, encodes nothing again.
create table if not exists embeddings.vector_store (
    content_hash text not null,
    model text not null,
    embedding halfvec not null,
    primary key (content_hash, model)
);
alter table embeddings.vector_store alter column embedding set storage plain;

-- How stale the dictionary is: new words are added at once, counts are made exact by the next full build. One row.
create table if not exists embeddings.dictionary_build (
    only_row boolean primary key default true check (only_row),
    built timestamptz not null,
    changed_products bigint not null -- since then
);
