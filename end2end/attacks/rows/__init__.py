"""The attacks, one function each, in one file for each subject."""
