"""AWS on this machine: moto's server, extended from outside, never kinder than AWS.

A request passes through `app.py`: read (`wire.py`), checked against AWS's own model (`models.py`), against what AWS refuses
(`rules/<service>/`), then answered by `services/<service>/` or by moto. Time is `clock.py`; every call is in `journal.py`. What is about
this collection is in `product/`. docs/emulator.md says where things are.
"""
