-- The time zone of the browser in which a person last signed in, as the browser sends it.
ALTER TABLE person ADD COLUMN zone TEXT;
