-- A client's newest entries are read from the end of this index, however many there are.
create index entry_newest on time.entry (firm_id, client_id, work_date, id);
