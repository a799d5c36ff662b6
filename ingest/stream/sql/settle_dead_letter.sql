-- reason is null when the message became a row, or turned out to be none.
update bronze.dead_letter
set
    replayed_at = case when %(reason)s::text is null then now() end,
    reason = coalesce(%(reason)s::text, reason),
    tries = tries + 1
where dead_letter_id = %(dead_letter_id)s and replayed_at is null;
