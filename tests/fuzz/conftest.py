"""The page is one of the targets."""

from tests.helpers.extras import skip_without

pytest_pycollect_makemodule = skip_without("argon2", "starlette", "uvicorn")
