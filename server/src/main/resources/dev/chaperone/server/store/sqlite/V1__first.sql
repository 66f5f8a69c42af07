-- SPDX-License-Identifier: Apache-2.0
-- Times are milliseconds since 1970 UTC, days are days since then.

create table token (
  hash    text    not null primary key, -- SHA-256 of the secret, hex: the secret itself is not kept
  uses    integer not null check (uses >= 0),
  expires integer not null,
  grp     text,
  created integer not null
);

create table device (
  n        integer primary key,
  id       text    not null unique,
  grp      text,
  host     text    not null,
  os       text    not null,
  version  text    not null,
  token    text    not null, -- hash of the token it came with
  key_hash text    not null, -- SHA-256 of the public key it enrolled with, hex
  enrolled integer not null,
  revoked  integer,
  epoch    integer not null default 0, -- with seq: everything up to here is stored
  seq      integer not null default 0,
  contact  integer not null,           -- last batch or state
  clones   integer not null default 0, -- batches whose events contradicted what is stored
  state    text                        -- last DeviceStatus, JSON
);
create index device_enrolment on device (token, key_hash);

create table event (
  device  integer not null references device (n),
  epoch   integer not null,
  seq     integer not null,
  id      text    not null,
  time    integer not null, -- the device's clock, kept within sense by the server's
  repeats integer not null,
  body    text    not null, -- the event, JSON, its user under the server's pseudonym
  primary key (device, epoch, seq)
);
create index event_id on event (device, id);
create index event_time on event (time);

create table loss (
  device   integer not null references device (n),
  epoch    integer not null,
  first    integer not null,
  last     integer not null,
  reason   text    not null,
  received integer not null,
  primary key (device, epoch, first)
);

-- More than a day in which a device neither delivered nor gave its state.
create table silence (
  device integer not null references device (n),
  since  integer not null,
  until  integer not null,
  primary key (device, since)
);

-- Exchanges on opened hosts that devices did not inspect.
create table unseen_day (
  day    integer not null,
  reason text    not null,
  n      integer not null,
  primary key (day, reason)
) without rowid;

create table usage_day (
  day         integer not null,
  dimension   text    not null,
  value       text    not null,
  events      integer not null,
  repeats     integer not null,
  found       integer not null, -- events with a finding
  redacted    integer not null,
  stopped     integer not null, -- cancelled, timed out or blocked
  bytes       integer not null,
  people      integer not null default 0, -- how many they were, once usage_person has forgotten who
  primary key (day, dimension, value)
) without rowid;

-- Who stands behind a row of usage_day; deleted with the events.
create table usage_person (
  day       integer not null,
  dimension text    not null,
  value     text    not null,
  person    text    not null,
  primary key (day, dimension, value, person)
) without rowid;

create table policy (
  version  integer not null primary key,
  issued   integer not null,
  expires  integer not null,
  document text    not null,
  envelope text    not null
);

create table admin_key (
  hash    text    not null primary key, -- SHA-256 of the secret, hex
  kind    text    not null,             -- link or session
  expires integer not null
);

create table audit (
  n        integer not null primary key,
  at       integer not null,
  actor    text    not null,
  action   text    not null,
  target   text    not null,
  previous text    not null,
  hash     text    not null
);
create trigger audit_is_not_changed before update on audit
  begin select raise(abort, 'the audit log is append-only'); end;
create trigger audit_is_not_shortened before delete on audit
  begin select raise(abort, 'the audit log is append-only'); end;
