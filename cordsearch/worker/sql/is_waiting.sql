select exists (select from procrastinate_jobs where queueing_lock = %(name)s and status = 'todo') as is_waiting;
