-- SPDX-License-Identifier: Apache-2.0
-- What devices say of their own agents (docs/adr/0019): a chain of hashes each. A device that contradicts what is here begins a new chain; the old one stays.

create table lifecycle_chain (
  device integer not null references device (n),
  chain  integer not null, -- from 1
  began  integer not null,
  primary key (device, chain)
);

create table lifecycle (
  device   integer not null references device (n),
  chain    integer not null,
  n        integer not null,
  at       integer not null, -- the device's clock
  kind     text    not null,
  detail   text    not null,
  actor    text    not null,
  previous text    not null,
  hash     text    not null,
  received integer not null,
  primary key (device, chain, n)
) without rowid;
create trigger lifecycle_is_not_changed before update on lifecycle
  begin select raise(abort, 'the lifecycle log is append-only'); end;

create table lifecycle_finding (
  id     integer primary key,
  device integer not null references device (n),
  found  integer not null,
  kind   text    not null, -- changed, missing, broken, forked or rolled-back
  n      integer not null,
  closed integer           -- when somebody at the device accepted it
);
create index lifecycle_finding_device on lifecycle_finding (device);
