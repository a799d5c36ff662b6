select count(*) as dead_letters
from bronze.dead_letter
where replayed_at is null;
