-- Every key, for the copy that each worker process holds.
select
    key_id,
    name,
    scopes,
    secret_hash,
    previous_hash,
    previous_until,
    expires,
    revoked,
    rate_limit,
    address_limit
from access.api_key
