"""The commands of a phase as one script for one shell. What a shell leaves to the next phase's (variables, functions, folder) is in files.

The shell says on its output which command it runs next: lines with a mark that nobody else knows.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

# What is not left to the next shell: what only the shell itself sets.
OWN = "BASH|FUNCNAME|GROUPS|DIRSTACK|PIPESTATUS|EPOCH|SHLVL|SHELLOPTS|EUID|UID|PPID|RANDOM|SRANDOM|SECONDS|LINENO|_=|_ |__"


def words(shell: str, script: Path) -> list[str]:
    """Bash, or bash as `sh`, which is what the images of CodeBuild have under that name."""
    return ["/usr/bin/env", "bash", *(["--posix"] if shell == "sh" else []), str(script)]


def write(folder: Path, mark: str, commands: Sequence[str], given: Mapping[str, str], first: int = 0) -> Path:
    """Write a script into `folder`, which all phases of a build share; it begins with the command of number `first`.

    `given`: variables that are new.
    """
    state, place, script = (str(folder / name) for name in ("state", "place", "script"))
    lines = [
        f"if [ -f {quote(state)} ]; then . {quote(state)} 2>/dev/null; fi",
        f'if [ -f {quote(place)} ]; then cd "$(cat {quote(place)})"; fi',
        f"__leave() {{ __code=$?; trap - EXIT; pwd > {quote(place)}",
        f"  declare -p | grep -avE '^declare -([^ ]*r[^ ]*|[^ ]+ ({OWN}).*)' > {quote(state)}",
        f"  declare -f | sed '/^__leave/,/^}}/d' >> {quote(state)}; exit $__code; }}",
        "trap __leave EXIT",
        *(f"export {name}={quote(value)}" for name, value in given.items()),
    ]
    for number, command in enumerate(commands):
        if number >= first:
            body = folder / f"command-{number}"
            body.write_text(command)
            lines += [f"printf '%s\\n' {quote(f'{mark}{number}')}", f'eval "$(cat {quote(str(body))})"', "__code=$?"]
            lines += ['if [ "$__code" != 0 ]; then exit "$__code"; fi']
    Path(script).write_text("\n".join([*lines, "exit 0", ""]))
    return Path(script)


def exported(folder: Path, environment: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """What variables are after the last phase, "" for one that is not set."""
    wanted, state, script = [name for name in names if name.isidentifier()], folder / "state", folder / "export"
    lines = [f"if [ -f {quote(str(state))} ]; then . {quote(str(state))} 2>/dev/null; fi"]
    lines += [f"""printf '%s\\0' "${{{name}-}}\"""" for name in wanted]
    script.write_text("\n".join([*lines, ""]))
    said = subprocess.run(["/usr/bin/env", "bash", str(script)], env=dict(environment), capture_output=True, text=True, check=False).stdout
    return dict(zip(wanted, said.split("\0"), strict=False))
