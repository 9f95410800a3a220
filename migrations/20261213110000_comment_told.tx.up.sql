-- When a mail took a comment along: what one person says about one thing within a few minutes comes as one.
alter table public.comment add column told_at timestamptz;
