"""Base class for data that is validated when read from a file."""

from pydantic import BaseModel, ConfigDict
from pydantic_core import ErrorDetails


class Strict(BaseModel):
    """A frozen pydantic model that rejects unknown keys, infinity and NaN.

    Pydantic compiles it when it is first used, so that what is only a part of another model is compiled once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


def what_it_should_be(error: ErrorDetails) -> str:
    """Return pydantic's message without its developers' words, for the end of a sentence."""
    return error["msg"].removeprefix("Value error, ").removeprefix("Input ").split(", unable")[0]
