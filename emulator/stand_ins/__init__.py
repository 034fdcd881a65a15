"""Programs that builds find at the head of their PATH where the machine has none: `aws` and `docker`.

Each is a process of its own, which knows of the emulator what any client knows: its address and its keys, in the environment.
"""
