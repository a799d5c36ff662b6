-- The original numbers of every product. Grain: product x number x spelling.
select
    link."ProductID" as product_id,
    spelling.number
from dbo."ProductOriginalNumber" as link
inner join dbo."OriginalNumber" as original on original."ID" = link."OriginalNumberID"
cross join lateral (values (original."Number"), (original."MainNumber")) as spelling (number)
where
    not link."Deleted"
    and not original."Deleted"
