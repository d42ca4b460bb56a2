-- What still counts: instants and the units taken at each, the oldest first. `fits` is the last decision, kept only so
-- that one statement can return it on every version of PostgreSQL.
create table lawful_sliding_log (
    namespace text     not null,
    key       bytea    not null,
    instants  bigint[] not null,
    units     bigint[] not null,
    fits      boolean  not null,
    primary key (namespace, key)
);

-- acquire: what is over is left out of the row, and the call is appended if it fits. A clock that stepped back counts
-- as standing still at the latest instant in the log.
insert into lawful_sliding_log as log (namespace, key, instants, units, fits)
values (:namespace, :key, array[{now}], array[cast(:cost as bigint)], true)
on conflict (namespace, key) do update set (instants, units, fits) = (
    select case when counted.fits then counted.instants || latest else counted.instants end,
           case when counted.fits then counted.units || excluded.units else counted.units end,
           counted.fits
    from (
        select greatest(excluded.instants[1], log.instants[cardinality(log.instants)]) as latest
    ) as clock
    cross join lateral (
        select coalesce(array_agg(entry.at order by entry.number), '{}') as instants,
               coalesce(array_agg(entry.units order by entry.number), '{}') as units,
               coalesce(sum(entry.units), 0) + :cost <= :limit as fits
        from unnest(log.instants, log.units) with ordinality as entry (at, units, number)
        where entry.at > latest - :period
    ) as counted
)
returning
    (select coalesce(sum(one), 0) from unnest(units) as one) as counted,
    (
        select min(entry.at) + :period - {now}
        from (
            select each.at, sum(each.units) over (order by each.number) as freed
            from unnest(instants, units) with ordinality as each (at, units, number)
        ) as entry
        where entry.freed >= (select sum(one) from unnest(units) as one) + :cost - :limit
    ) as wait,
    coalesce(instants[cardinality(instants)] + :period - {now}, 0) as over_in,
    fits;

-- peek
select coalesce(sum(entry.units), 0) as counted,
       coalesce(max(entry.at) + :period - {now}, 0) as over_in,
       (
           select min(freeing.at) + :period - {now}
           from (
               select each.at,
                      sum(each.units) over (order by each.number) as freed,
                      sum(each.units) over () as total
               from unnest(log.instants, log.units) with ordinality as each (at, units, number)
               where each.at > greatest({now}, log.instants[cardinality(log.instants)]) - :period
           ) as freeing
           where freeing.freed >= freeing.total + :cost - :limit
       ) as wait
from lawful_sliding_log as log
left join lateral unnest(log.instants, log.units) as entry (at, units)
    on entry.at > greatest({now}, log.instants[cardinality(log.instants)]) - :period
where log.namespace = :namespace and log.key = :key
group by log.namespace, log.key;

-- purge: the logs in which nothing counts any more
delete from lawful_sliding_log
where namespace = :namespace and instants[cardinality(instants)] <= {now} - :period;
