"""What comes from others: checks that `script/test` names by themselves, and the tests of these checks."""
