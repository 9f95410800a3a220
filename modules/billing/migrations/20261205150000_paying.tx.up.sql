-- A mail about an invoice carries a link that pays it without signing in, unless the firm does not want that.
alter table billing.setting add column mail_links boolean not null default true;

-- Autopay that failed is tried once more.
alter table billing.autopay_charge add column tries integer not null default 0 check (tries between 0 and 2);
