-- Who has the attempt that is under way, where a worker on another machine files; NULL: this gateway itself.
ALTER TABLE complaint ADD COLUMN worker TEXT;

-- The grant it was given under, until that worker's own record of it was heard: before, nobody else may decide what was sent.
ALTER TABLE complaint ADD COLUMN batch TEXT;
