-- One more, or with a negative %(difference)s fewer, in each of the stock rows %(ids)s of the source.
update dbo."ProductAvailability"
set "Amount" = "Amount" + %(difference)s, "Updated" = now() at time zone 'utc'
where "ID" = any(%(ids)s::bigint[])
