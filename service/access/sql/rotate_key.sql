-- The old secret stays valid for the grace period. Of two rotations within it, the secret before the first one is gone.
update access.api_key
set
    previous_hash = secret_hash,
    previous_until = now() + %(grace)s::interval,
    secret_hash = %(secret_hash)s,
    rotated = now()
where
    key_id = %(key_id)s
    and revoked is null
    and (expires is null or expires > now())
returning previous_until
