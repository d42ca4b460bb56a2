-- What still counts, the oldest first: the instants of calls, and how much had been taken in all after each; `base` is
-- how much before the first. So what is over, and what frees enough, is found by bisection: width_bucket tells how many
-- members of a sorted array are at most so much. `fits` is the last decision, kept only so that one statement can return
-- it on every version of PostgreSQL. Arrays are not compressed: a row is written anew by each decision, and to compress
-- it took most of the time.
create table lawful_sliding_log (
    namespace text     not null,
    key       bytea    not null,
    instants  bigint[] not null,
    totals    bigint[] not null,
    base      bigint   not null,
    fits      boolean  not null,
    primary key (namespace, key)
); alter table lawful_sliding_log
    alter column instants set storage external,
    alter column totals set storage external;

-- acquire: what is over is left out of the row, and the call is appended if it fits; so a row is never without entries.
-- A clock that stepped back counts as standing still at the latest instant in the log.
insert into lawful_sliding_log as log (namespace, key, instants, totals, base, fits)
values (:namespace, :key, array[{now}], array[cast(:cost as bigint)], 0, true)
on conflict (namespace, key) do update set (instants, totals, base, fits) = (
    select case when used + :cost <= :limit then kept.instants || latest else kept.instants end,
           case when used + :cost <= :limit then kept.totals || (total + :cost) else kept.totals end,
           kept.base,
           used + :cost <= :limit
    from (
        select greatest(excluded.instants[1], log.instants[cardinality(log.instants)]) as latest,
               log.totals[cardinality(log.totals)] as total
    ) as clock
    cross join lateral (select width_bucket(latest - :period, log.instants) as over) as bisected
    cross join lateral (
        select log.instants[over + 1:] as instants,
               log.totals[over + 1:] as totals,
               coalesce(log.totals[over], log.base) as base
    ) as kept
    cross join lateral (select total - kept.base as used) as counted
)
returning
    totals[cardinality(totals)] - base as counted,
    instants[1 + width_bucket(totals[cardinality(totals)] + :cost - :limit - 1, totals)] + :period - {now} as wait,
    instants[cardinality(instants)] + :period - {now} as over_in,
    fits;

-- peek
select total - base as counted,
       case when total > base then last + :period - {now} else 0 end as over_in,
       instants[1 + width_bucket(total + :cost - :limit - 1, totals)] + :period - {now} as wait
from (
    select log.instants, log.totals, log.instants[cardinality(log.instants)] as last,
           log.totals[cardinality(log.totals)] as total,
           coalesce(
               log.totals[width_bucket(
                   greatest({now}, log.instants[cardinality(log.instants)]) - :period, log.instants
               )],
               log.base
           ) as base
    from lawful_sliding_log as log
    where log.namespace = :namespace and log.key = :key
) as found;

-- purge: the logs in which nothing counts any more
delete from lawful_sliding_log
where namespace = :namespace and instants[cardinality(instants)] <= {now} - :period;
