-- Files of a section, whose rules the section itself knows: it is asked each time.
alter table file drop constraint file_audience_check;
alter table file add constraint file_audience_check check (audience in ('public', 'firm', 'client', 'staff', 'person', 'section'));
