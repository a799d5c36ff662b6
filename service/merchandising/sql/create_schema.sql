-- What merchandisers decided, who changed what, and a counter that tells the service that something changed.
create schema if not exists merchandising;

-- Grain: one row per rule. body is what service/merchandising/models.py describes.
create table if not exists merchandising.rule (
    rule_id bigint generated always as identity primary key,
    kind text not null check (kind in ('synonyms', 'stop_words', 'query', 'boost')),
    body jsonb not null check (jsonb_typeof(body) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index if not exists rule_kind on merchandising.rule (kind, rule_id);

-- Grain: one row per change of a rule; before is null for a new one, after for a deleted one.
create table if not exists merchandising.audit (
    audit_id bigint generated always as identity primary key,
    changed_at timestamptz not null default clock_timestamp(),
    changed_by text not null,
    rule_id bigint not null,
    kind text not null,
    before jsonb,
    after jsonb
);
create index if not exists audit_rule on merchandising.audit (rule_id, audit_id);

-- Grain: one row in all. Its lock also lets writers pass one after the other, so that a count of rules is exact.
create table if not exists merchandising.version (
    only_row boolean primary key default true check (only_row),
    version bigint not null
);
insert into merchandising.version values (true, 0) on conflict do nothing;

-- By trigger, so that a change by hand in psql is written down and takes effect like any other.
create or replace function merchandising.write_audit() returns trigger language plpgsql as $$
begin
    insert into merchandising.audit (changed_by, rule_id, kind, before, after)
    values (
        coalesce(nullif(current_setting('cordsearch.changed_by', true), ''), 'database user ' || session_user),
        coalesce(new.rule_id, old.rule_id),
        coalesce(new.kind, old.kind),
        old.body,
        new.body
    );
    return null;
end
$$;
create or replace trigger write_audit
after insert or update or delete on merchandising.rule
for each row execute function merchandising.write_audit();

create or replace function merchandising.tell_change() returns trigger language plpgsql as $$
begin
    update merchandising.version set version = version + 1;
    perform pg_notify('cordsearch_merchandising', '');
    return null;
end
$$;
create or replace trigger tell_change
after insert or update or delete or truncate on merchandising.rule
for each statement execute function merchandising.tell_change();
