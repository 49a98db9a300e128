"""The option ``--engine``: a recogniser by name, including those added by other packages."""

from typing import Annotated

import typer


def _check(name: str | None) -> str | None:
    from nightvoice.config.choices import ENGINES
    from nightvoice.system.registry import AUTO

    if name is not None and name != AUTO and name not in ENGINES:
        raise typer.BadParameter(f"{name!r} is none of {', '.join([AUTO, *ENGINES.names()])}.")
    return name


EngineOption = Annotated[
    str | None,
    typer.Option(
        callback=_check,
        metavar="ENGINE",
        help="Recogniser to use instead of the configured one: auto, moonshine, vosk, pocketsphinx or an added one.",
    ),
]
