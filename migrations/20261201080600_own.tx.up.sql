-- What one person uploaded, for the export of a person's own data.
create index file_creator on file (firm_id, created_by, created_at);
