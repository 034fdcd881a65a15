"""What AWS refuses, one package per service; each rule a pure function with its number in the table of rules and its source."""
