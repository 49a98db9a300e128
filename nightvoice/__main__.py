"""``python -m nightvoice``."""

from nightvoice.cli import main

if __name__ == "__main__":
    main()
