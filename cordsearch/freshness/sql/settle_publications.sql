-- A publication is searchable when none of the products that waited at its time waits now. Of a list of waiting
-- products that was cut off nobody knows who is missing.
update freshness.publication as held
set
    searchable_at = now(),
    waiting = '{}'
where
    held.searchable_at is null
    and case
        when held.waits_for_all then %(waiting)s::bigint[] = '{}'
        else not %(cut_off)s and not held.waiting && %(waiting)s::bigint[]
    end;
