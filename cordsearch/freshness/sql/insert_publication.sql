-- One row when there were events, none otherwise. No commit is later than its publication, whatever the clocks say.
insert into freshness.publication (
    published_at, searchable_at, events, oldest_commit_at, median_commit_at, newest_commit_at, waiting, waits_for_all
)
select
    %(published_at)s,
    case when %(waiting)s::bigint[] = '{}' then %(published_at)s::timestamptz end,
    count(*),
    min(bounded.commit_at),
    percentile_disc(0.5) within group (order by bounded.commit_at),
    max(bounded.commit_at),
    case when %(cut_off)s then '{}' else %(waiting)s::bigint[] end,
    %(cut_off)s
from (
    select case when commit_at > %(published_at)s then %(published_at)s else commit_at end as commit_at
    from published_event
) as bounded
having count(*) > 0
returning events;
