"""``nightvoice setup``: download models and render prompts ahead of the night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nightvoice.cli import questions
from nightvoice.system.counting import plural

if TYPE_CHECKING:
    from rich.console import Console

    from nightvoice.config.schema import Config
    from nightvoice.models.download import Model


def setup(
    models_url: Annotated[str | None, typer.Option(help="Download the models from this mirror.")] = None,
    download: Annotated[bool, typer.Option(help="Download missing models.")] = True,
    ask: Annotated[
        bool | None,
        typer.Option(help="Ask for microphone, loudspeaker, country and about you; default: on a terminal, once."),
    ] = None,
) -> None:
    """Download the models and render the spoken prompts, skipping existing ones; then ask four questions."""
    from rich.console import Console

    from nightvoice.config.reader import load_config
    from nightvoice.models.download import manifest

    console = Console(highlight=False, soft_wrap=True)
    config = load_config()
    for model in manifest() if download else []:
        _fetch(console, model, models_url or config.models.url)
    _prepare_second_ear(console, config)
    _render_prompts(console, config)
    if ask or (ask is None and _first_time()):
        questions.ask()
    typer.echo('Tonight: nightvoice run. When a cramp wakes you, say: "I have a cramp."')


def _first_time() -> bool:
    """Whether somebody sits at a terminal and nothing is configured yet."""
    import sys

    from nightvoice.system import paths

    return sys.stdin.isatty() and sys.stdout.isatty() and not paths.config_file().exists()


def _fetch(console: Console, model: Model, mirror: str | None) -> None:
    from rich import progress
    from rich.markup import escape

    from nightvoice.models.download import ModelUnavailableError, fetch

    if model.folder.is_dir():
        console.print(f"[green]✓[/] {model.purpose}: {model.name} is installed")
        return
    columns = (progress.TextColumn("  {task.description}"), progress.BarColumn(), progress.DownloadColumn())
    try:
        with progress.Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(f"fetching {model.name}", total=model.size)
            fetch(model, mirror, lambda done: bar.update(task, completed=done))
        console.print(f"[green]✓[/] {model.purpose}: {model.name} fetched ({model.licence})")
    except ModelUnavailableError as error:
        console.print(f"[yellow]–[/] {model.purpose}: {model.instead}")
        console.print(f"  {model.name} could not be fetched: {escape(str(error))}")


def _prepare_second_ear(console: Console, config: Config) -> None:
    """Make the second ear's copy in 8 bits, which otherwise the first cramp would wait for."""
    from rich.markup import escape

    from nightvoice.errors import NightvoiceError
    from nightvoice.listening.transcribers.whisper_base import prepared

    if not config.listening.second_ear:
        return
    try:
        with console.status("preparing the second ear"):
            folder = prepared()
    except NightvoiceError as error:
        console.print(f"[yellow]–[/] second ear: {escape(str(error))}")
    else:
        console.print(f"[green]✓[/] second ear: {escape(folder.name)} is prepared")


def _render_prompts(console: Console, config: Config) -> None:
    from rich import progress

    from nightvoice.assembly import build_prompt_cache
    from nightvoice.content.loader import load_pack
    from nightvoice.content.prompts import prompts
    from nightvoice.errors import NightvoiceError
    from nightvoice.speaking.voice import VoiceError

    cache = build_prompt_cache(config)
    texts = prompts(load_pack(config.language), config.safety.help_numbers)
    missing = cache.missing(texts)
    if not missing:
        console.print(f"[green]✓[/] voice: all {len(texts)} prompts are rendered ({cache.voice.name})")
        return
    columns = (progress.TextColumn("  {task.description}"), progress.BarColumn(), progress.MofNCompleteColumn())
    try:
        with progress.Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("rendering prompts", total=len(missing))
            cache.prepare(missing, lambda done, total: bar.update(task, completed=done, total=total))
    except VoiceError as error:
        raise NightvoiceError(str(error)) from None
    console.print(f"[green]✓[/] voice: {plural(len(missing), 'prompt')} rendered ({cache.voice.name})")
