-- Photos are shown to the virus scanner, where there is one. Until it has said that a photo is clean, nobody opens it.
alter table dailylogs.photo
	add column scan  text not null default 'off' check (scan in ('off', 'waiting', 'clean', 'infected')),
	add column virus text not null default '';
