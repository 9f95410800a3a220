-- What clients see of a photo is what was submitted of it, not what is being written in a log that was opened again.
alter table dailylogs.photo
	add column told boolean not null default false,       -- with the last submission clients got to see it
	add column told_caption text not null default '';
update dailylogs.photo set told = shown, told_caption = caption where since is not null;
