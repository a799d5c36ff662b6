-- The embeddings schema: models and their versions, every vector ever computed, the work that is left.
create schema if not exists embeddings;

-- One row per version of a model. A version that has a vector_table is kept up to date with the mart on demand; the
-- active one is what queries are encoded with, and it is only ever compared with its own table.
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
alter table embeddings.model
add column if not exists options jsonb not null default '{}', -- how a transformer is opened
add column if not exists vector_table text unique, -- in this schema; null until the first run with this model
add column if not exists built timestamptz, -- when its vectors were first complete and indexed
add column if not exists checked timestamptz, -- when the whole mart was last compared with its vectors
add column if not exists products bigint, -- in the mart then
add column if not exists mart_copied boolean not null default false, -- dim_product_search.embedding is of this version
add column if not exists activated timestamptz,
add column if not exists deactivated timestamptz;

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

-- Grain: one row per version and product whose text changed since that version's vector was made. Filled by the trigger
-- of queue_trigger.sql. A claim of a worker that died is anybody's again. `touch` counts the
-- changes: what was read before a change does not finish the row. Half of each page is free, so that claims stay
-- heap-only updates.
create table if not exists embeddings.pending (
    model text not null,
    product_id bigint not null,
    touch integer not null default 0,
    queued timestamptz not null default clock_timestamp(),
    claimed_by integer, -- the lock the worker holds as long as it lives (embeddings.queue)
    claimed_until timestamptz,
    primary key (model, product_id)
) with (fillfactor = 50);

-- Grain: one row per version and product whose text could not be encoded.
create table if not exists embeddings.dead_letter (
    model text not null,
    product_id bigint not null,
    text text not null,
    error text not null,
    failed timestamptz not null default now(),
    primary key (model, product_id)
);

-- How stale the dictionary is: new words are added at once, counts are made exact by the next full build. One row.
create table if not exists embeddings.dictionary_build (
    only_row boolean primary key default true check (only_row),
    built timestamptz not null,
    changed_products bigint not null -- since then
);

-- By which version of the analysis (cordsearch.analysis.version) documents and dictionary are made. One row.
create table if not exists embeddings.analysis (
    only_row boolean primary key default true check (only_row),
    version integer not null,
    since timestamptz not null default now()
);

create or replace function embeddings.queue_product() returns trigger language plpgsql as $$
begin
    insert into embeddings.pending (model, product_id)
    select model.model_id, coalesce(new.product_id, old.product_id)
    from embeddings.model as model
    where model.vector_table is not null
    on conflict (model, product_id) do update
    set touch = pending.touch + 1, claimed_by = null, claimed_until = null;
    return null;
end
$$;

-- Said last: embeddings.registry asks for it, and then leaves all of the above, which takes locks, alone.
comment on schema embeddings is 'cordsearch embeddings 3';
