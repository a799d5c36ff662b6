-- Who may ask. Only the service's own user reads and writes this schema; the role that searches run under cannot.
create schema if not exists access;

-- Grain: one row per API key. Rows stay when a key is revoked: what it did must remain explainable, and as soon as
-- there ever was a key, nobody gets in without one by default.
create table if not exists access.api_key (
    key_id text primary key,
    name text not null check (name <> ''),
    scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ array['search', 'events', 'admin']),
    secret_hash bytea not null check (length(secret_hash) = 32), -- SHA-256 (service.access.key says why that suffices)
    previous_hash bytea check (length(previous_hash) = 32), -- of the secret before the last rotation,
    previous_until timestamptz, -- valid until then
    created timestamptz not null default now(),
    rotated timestamptz,
    expires timestamptz,
    revoked timestamptz,
    last_used timestamptz, -- to about ten minutes
    rate_limit text, -- '600/minute'; null: the setting
    address_limit text, -- the same for each address that uses the key
    check ((previous_hash is null) = (previous_until is null))
);
