-- The vehicle makes every product is filed under. Grain: product x make.
select
    link."ProductID" as product_id,
    brand."Name" as make
from dbo."ProductCarBrand" as link
inner join dbo."CarBrand" as brand on brand."ID" = link."CarBrandID"
where
    not link."Deleted"
    and not brand."Deleted"
