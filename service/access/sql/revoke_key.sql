update access.api_key
set revoked = coalesce(revoked, now())
where key_id = %(key_id)s
returning revoked
