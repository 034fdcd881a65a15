"""What the emulator knows of this collection: its containers, commands, images and local environments.

Nothing else in the emulator knows any of it. These files register themselves with the others: control endpoints
(`registry.control_endpoint`), commands of scripts (`scripts.commands`), containers that start (`services/ecs/containers.on_start`), the
environment of programs in them (`services/ecs/exec.environments`), stored secrets (`services/ssm/parameter_store.seeds`), requests of users
(`router.before`).
"""
