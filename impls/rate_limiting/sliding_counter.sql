-- The current window, the units in it, and in the one before. `fits` is the last decision, kept only so that one
-- statement can return it on every version of PostgreSQL.
create table lawful_sliding_counter (
    namespace text    not null,
    key       bytea   not null,
    begin     bigint  not null,
    current   bigint  not null,
    previous  bigint  not null,
    fits      boolean not null,
    primary key (namespace, key)
);

-- acquire: where the clock stepped back into an earlier window, the row's window has just begun. What counts never
-- exceeds the limit, so no product leaves bigint.
insert into lawful_sliding_counter as counted (namespace, key, begin, current, previous, fits)
values (:namespace, :key, {now} - mod({now}, cast(:period as bigint)), :cost, 0, true)
on conflict (namespace, key) do update set (begin, current, previous, fits) = (
    select moved.begin, moved.current + case when weighed.fits then excluded.current else 0 end, moved.previous,
           weighed.fits
    from (
        select greatest(excluded.begin, counted.begin) as begin,
               case when excluded.begin <= counted.begin then counted.current else 0 end as current,
               case when excluded.begin <= counted.begin then counted.previous
                    when excluded.begin = counted.begin + :period then counted.current
                    else 0 end as previous
    ) as moved
    cross join lateral (
        select moved.previous * (moved.begin + :period - greatest({now}, moved.begin))
               <= (:limit - moved.current - excluded.current) * cast(:period as bigint) as fits
    ) as weighed
)
returning begin, current - case when fits then :cost else 0 end as current, previous, {now} as now;

-- peek
select begin, current, previous, {now} as now
from lawful_sliding_counter
where namespace = :namespace and key = :key;

-- purge: the keys whose two windows are over
delete from lawful_sliding_counter
where namespace = :namespace and {now} >= begin + 2 * :period;
