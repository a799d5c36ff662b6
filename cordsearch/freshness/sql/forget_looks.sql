-- A look is needed while there may be an event that came after it and before the next one of its kind. Events that are
-- not published yet came at unpublished_since or later, and whatever is still to come comes after the newest look.
delete from freshness.look as old
using freshness.source_table as state, freshness.look as newer
where
    old.table_name = state.table_name
    and old.table_name = newer.table_name
    and newer.finished_at > old.finished_at
    and newer.finished_at < coalesce(state.unpublished_since, 'infinity')
    and newer.finds_changes >= old.finds_changes
    and newer.finds_deletes >= old.finds_deletes;
