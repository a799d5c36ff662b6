-- A run that did nothing leaves the last outcome; a run that failed leaves it too.
update duty
set
    finished_at = clock_timestamp(),
    seconds = %(seconds)s,
    next_at = greatest(next_at, clock_timestamp() + make_interval(secs => %(rest)s)),
    outcome = coalesce(%(outcome)s, outcome),
    outcome_at = case when %(outcome)s::text is null then outcome_at else clock_timestamp() end,
    error = %(error)s,
    failures = case when %(error)s::text is null then 0 else failures + 1 end
where name = %(name)s;
