#!/usr/bin/env python3
"""Remove each guard of the twelve rules in turn and check that its rule notices. Exit code 1 if one does not."""

import sys

from rich.console import Console
from rich.table import Table

from tests.dialogue.mutants import MUTANTS, killed
from tests.dialogue.sense_mutants import SENSE_MUTANTS


def main() -> None:
    mutants = MUTANTS + SENSE_MUTANTS
    console = Console()
    table = Table("rule", "guard taken out", "killed by")
    survived = 0
    with console.status("mutating") as status:
        for number, mutant in enumerate(mutants, 1):
            status.update(f"{number} of {len(mutants)}: {mutant.guard}")
            how = killed(mutant)
            survived += how is None
            table.add_row(str(mutant.rule), mutant.guard, how or "[bold red]nothing: it survived[/]")
    console.print(table)
    console.print(f"{len(mutants) - survived} of {len(mutants)} killed")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
