-- The window in which something was last taken; no row is an empty window. `fits` is the last decision, kept only so
-- that one statement can return it on every version of PostgreSQL.
create table lawful_fixed_window (
    namespace text    not null,
    key       bytea   not null,
    begin     bigint  not null,
    units     bigint  not null,
    fits      boolean not null,
    primary key (namespace, key)
);

-- acquire: variant 1 begins a window with the first call in it, variant 0 at a multiple of the period. The row's window
-- goes on until it is over, also where the clock stepped back into an earlier one.
insert into lawful_fixed_window as counted (namespace, key, begin, units, fits)
values (
    :namespace, :key,
    {now} - case when :variant = 1 then 0 else mod({now}, cast(:period as bigint)) end,
    :cost, true
)
on conflict (namespace, key) do update set (begin, units, fits) = (
    select case when goes_on then counted.begin else excluded.begin end,
           before + case when before + excluded.units <= :limit then excluded.units else 0 end,
           before + excluded.units <= :limit
    from (
        select goes_on, case when goes_on then counted.units else 0 end as before
        from (select excluded.begin < counted.begin + :period as goes_on) as same
    ) as found
)
returning units, begin + :period - {now} as ends_in, fits;

-- peek
select units, begin + :period - {now} as ends_in
from lawful_fixed_window
where namespace = :namespace and key = :key and {now} < begin + :period;

-- purge: the windows that are over
delete from lawful_fixed_window
where namespace = :namespace and {now} >= begin + :period;
