-- Products of the source with a name in every language, drawn by the seed. %(seed)s, %(rows)s how many
select
    "ID",
    "Name",
    "NameUA",
    "NamePL"
from dbo."Product"
where not "Deleted" and length("Name") > 3 and length("NameUA") > 3 and length("NamePL") > 3
order by hashint8extended("ID", %(seed)s), "ID"
limit %(rows)s
