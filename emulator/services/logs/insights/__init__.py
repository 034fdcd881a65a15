"""Logs Insights: its query language, read, compiled and run over events.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html

words        a query as tokens, each with its place
expressions  fields, operators and functions
aggregates   what `stats` counts
commands     each command, as a function from rows to rows
records      an event as a row: its own fields, and those of the JSON in its message
similar      `pattern`: messages that differ in numbers and names only
"""
