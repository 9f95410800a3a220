-- The first document sent for signature opens the client's portal, where the firm wants that. It does so once: a portal
-- that staff closed again stays closed.
alter table firm add column auto_activate boolean not null default false;
alter table client add column auto_activated_at timestamptz;
