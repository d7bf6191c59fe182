"""What citizens would write and what an honest officer would decide; docs/corpus.md says how it is made."""
