-- The one lookup across firms: where else does this address have access?
create index person_email on person (email);
