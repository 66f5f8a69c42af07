-- SPDX-License-Identifier: Apache-2.0
-- The organisation's roots (docs/adr/0015). Their private keys are files: keys/root-ID.key.

create table organisation_root (
  id    text    not null primary key, -- first 16 hex digits of the SHA-256 of its public key
  role  text    not null check (role in ('requested', 'next', 'current', 'previous')),
  key   text    not null,             -- subject public key info, base64
  chain text    not null,             -- PEM, the signing certificate first, the root last; empty while requested
  since integer not null              -- when it got this role
);
create unique index organisation_root_role on organisation_root (role);

-- When a device was last given intermediates, and under which root.
alter table device add column issued integer;
alter table device add column issued_root text;
