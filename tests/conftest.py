"""For every test: the clock of nowhere in particular, so that the emergency number is the same on each machine."""

import os
import time

os.environ["TZ"] = "UTC"
time.tzset()
