-- Whether a notice went out by e-mail too.
ALTER TABLE notices ADD COLUMN mailed boolean NOT NULL DEFAULT false;
